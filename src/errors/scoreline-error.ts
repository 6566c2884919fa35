import { type ErrorCode, type ErrorEntry, type ExitCode, errorRegistry } from './registry.ts';

/** One thing that is wrong at one place of a project. Lines and columns count from 1; absent where there is none. */
export interface Problem {
  readonly code: ErrorCode;
  /** Relative to the project's directory. */
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  /** The offending value as it stands in the file; never a secret. */
  readonly value?: string;
  /** What is wrong and what was expected. */
  readonly message: string;
  /** What to do about it, such as a did-you-mean. */
  readonly hint?: string;
}

export interface ErrorOptions {
  /** Replaces the registry's hint where the place that raises the error knows a better next step. */
  readonly hint?: string;
  readonly problems?: readonly Problem[];
  /** Facts for machines; no secrets, no whole rows. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/** The one class of errors raised on purpose; anything else that reaches `cli/` is a bug (exit 1). */
export class ScorelineError extends Error {
  override readonly name = 'ScorelineError';
  readonly code: ErrorCode;
  readonly hint: string;
  readonly exitCode: ExitCode;
  readonly retryable: boolean;
  readonly problems: readonly Problem[];
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, { cause: options.cause });
    const entry: ErrorEntry = errorRegistry[code];
    this.code = code;
    this.hint = options.hint ?? entry.hint;
    this.exitCode = entry.exitCode;
    this.retryable = options.retryable ?? entry.retryable ?? false;
    this.problems = options.problems ?? [];
    this.details = options.details ?? {};
  }
}

/**
 * Makes one error of all problems found; its code is the first problem's.
 * @param problems at least one
 */
export function errorOfProblems(problems: readonly Problem[]): ScorelineError {
  const [first] = problems;
  if (first === undefined) throw new RangeError('errorOfProblems needs at least one problem');
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  const files = new Set(problems.map((problem) => problem.file)).size;
  const where = files === 1 ? `in ${first.file}` : `in ${files} files`;
  return new ScorelineError(first.code, `${count} ${where}`, { problems });
}
