import type { ErrorProto } from './rest-types.ts';

/** What Google said of a failure, without the request: that holds a token. */
export interface ErrorFacts {
  readonly message: string;
  /** Of HTTP; absent where a job failed, or nobody answered. */
  readonly status?: number;
  /** Google's word for it, such as `accessDenied`, or the system's code where nobody answered, such as `ECONNREFUSED`. */
  readonly reason?: string;
  /** The same request may succeed a moment later. */
  readonly isPassing: boolean;
  /** A new job may do what this one failed to do. */
  readonly isWorthAnotherJob: boolean;
}

/** The failure of a job, which was started well. */
export class JobError extends Error {
  override readonly name = 'JobError';
  readonly errors: readonly ErrorProto[];

  constructor(failure: ErrorProto, errors: readonly ErrorProto[] = []) {
    super(failure.message ?? 'The job failed without a message.');
    // The first one decides; a load job tells more in those behind it.
    this.errors = [failure, ...errors.filter(({ message }) => message !== failure.message)];
  }
}

/** https://cloud.google.com/bigquery/docs/error-messages, checked 2026-11. */
const passingReasons = new Set([
  'backendError',
  'internalError',
  'jobBackendError',
  'jobInternalError',
  'jobRateLimitExceeded',
  'rateLimitExceeded',
  'tableUnavailable',
  'userRateLimitExceeded',
]);
const passingStatuses = new Set([408, 429, 500, 502, 503, 504]);
/** Nobody listening (ECONNREFUSED) or no such host is a wrong address more often than a moment's trouble. */
const passingSystemCodes = new Set([
  'ECONNABORTED',
  'ECONNRESET',
  'EAI_AGAIN',
  'EPIPE',
  'ESOCKETTIMEDOUT',
  'ETIMEDOUT',
]);

/** Two statements that changed one table at the same moment, of which one gave way. */
const conflictPattern =
  /concurrent (update|modification|DML)|could not serialize access|transaction is aborted|too many DML statements outstanding/i;

/** Reads what the client, its auth library, or a job threw. */
export function errorFactsOf(error: unknown): ErrorFacts {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof JobError) {
    const reason = error.errors[0]?.reason ?? undefined;
    const words = error.errors.map((each) => each.message).filter((each) => each !== undefined && each !== null);
    const isWorthAnotherJob = passingReasons.has(reason ?? '') || conflictPattern.test(message);
    return { message: words.join(' ') || message, reason, isPassing: false, isWorthAnotherJob };
  }
  const { status, code, errors } = readAnswer(error);
  const reason = errors[0]?.reason ?? code;
  const isPassing =
    passingReasons.has(reason ?? '') ||
    (status !== undefined && passingStatuses.has(status)) ||
    passingSystemCodes.has(code ?? '');
  return { message: errors[0]?.message ?? message, status, reason, isPassing, isWorthAnotherJob: false };
}

interface Answer {
  readonly status?: number;
  readonly code?: string;
  readonly errors: readonly { readonly reason?: string; readonly message?: string }[];
}

/** The client's error has `code` and `errors`; the auth library's, which also uploads, has them in the answer's body. */
function readAnswer(error: unknown): Answer {
  if (typeof error !== 'object' || error === null) return { errors: [] };
  const { code, errors, status, response } = error as {
    readonly code?: unknown;
    readonly errors?: unknown;
    readonly status?: unknown;
    readonly response?: { readonly data?: { readonly error?: { readonly errors?: unknown } } };
  };
  const listed = Array.isArray(errors) ? errors : response?.data?.error?.errors;
  return {
    status: [status, code].find((each) => typeof each === 'number'),
    code: typeof code === 'string' ? code : undefined,
    errors: Array.isArray(listed) ? listed : [],
  };
}
