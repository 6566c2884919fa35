import type { ErrorCode } from '../../errors/registry.ts';
import { ScorelineError } from '../../errors/scoreline-error.ts';
import { maskPersonalData } from './mask-personal-data.ts';
import type { Refusal } from './refusal.ts';

/** Why a call did not succeed, for the callers that can go on without it. */
export type WireFailure =
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** It may have been carried out: no usable answer came, while HubSpot answered other calls. */
  | { readonly kind: 'lost'; readonly reason: string }
  /** Not worth waiting for: the daily quota is spent, or HubSpot asks for more than 5 minutes. */
  | { readonly kind: 'postponed'; readonly reason: string; readonly retryAt: Date };

interface WireErrorFacts {
  readonly details?: Readonly<Record<string, unknown>>;
  /** Attempts before the last one that may have been carried out unseen. */
  readonly lostAnswers?: number;
}

/** The error of one call. An ordinary `ScorelineError` for everybody who does not look at `failure`. */
export class WireError extends ScorelineError {
  readonly failure: WireFailure;
  /** Whether the call may have been carried out unseen: it got no answer at all, or only after attempts that got none. */
  readonly mayBeDone: boolean;

  constructor(code: ErrorCode, message: string, failure: WireFailure, facts: WireErrorFacts = {}) {
    super(code, message, { details: facts.details ?? {} });
    this.failure = failure;
    this.mayBeDone = failure.kind === 'lost' || (facts.lostAnswers ?? 0) > 0;
  }
}

interface NamedCall {
  readonly method: string;
  readonly path: string;
}

/** For a call that nobody can say the outcome of. */
export function lostAnswerError({ method, path }: NamedCall, reason: string): WireError {
  const text = `${method} ${path} got no usable answer: ${reason}`;
  return new WireError('DESTINATION_UNREACHABLE', text, { kind: 'lost', reason });
}

/** For a call that was sent, got no answer, and is not repeated since the run was interrupted. */
export function interruptedError({ method, path }: NamedCall, lostAnswers: number): WireError {
  const reason = 'the run was interrupted';
  const text = `${method} ${path} got no usable answer before ${reason}`;
  return new WireError('RUN_INTERRUPTED', text, { kind: 'lost', reason }, { lostAnswers });
}

/** For a call that is left to the next run. */
export function postponedError(reason: string, retryAt: Date, lostAnswers: number): WireError {
  const text = `HubSpot cannot take more now: ${reason}. Try again at ${retryAt.toISOString()}`;
  return new WireError(
    'RUN_DEFERRED',
    text,
    { kind: 'postponed', reason, retryAt },
    { details: { retryAt }, lostAnswers },
  );
}

/**
 * For a call that HubSpot refused for good.
 * @param token taken out of HubSpot's words, as e-mail addresses are
 */
export function refusedError(
  { method, path }: NamedCall,
  refusal: Refusal,
  { token, lostAnswers }: { readonly token: string; readonly lostAnswers: number },
): ScorelineError {
  const { status, category, correlationId, missingScopes } = refusal;
  const message = maskPersonalData(refusal.message, [token]);
  const tracked = correlationId === undefined ? '' : ` (correlation id ${correlationId})`;
  const said = `${status} ${category}: ${message}${tracked}`;
  const details = { status, category, correlationId, missingScopes };
  switch (status) {
    case 401: {
      const text = `HubSpot does not accept the access token. It said ${said}`;
      return new ScorelineError('DESTINATION_UNAUTHORIZED', text, { details });
    }
    case 403: {
      const scopes = [...new Set(missingScopes)];
      const lacks =
        scopes.length === 0 ? 'a permission' : `the scope${scopes.length === 1 ? '' : 's'} ${scopes.join(', ')}`;
      const text = `The access token lacks ${lacks} for ${method} ${path}. HubSpot said ${said}`;
      return new ScorelineError('DESTINATION_FORBIDDEN', text, { details });
    }
    default: {
      const text = `HubSpot refused ${method} ${path}: ${said}`;
      return new WireError(
        'DESTINATION_REFUSED',
        text,
        { kind: 'refused', refusal: { ...refusal, message } },
        { details, lostAnswers },
      );
    }
  }
}

/** Whether HubSpot does not answer the question, or not this token, while it answers others. */
export function isNotTold(error: unknown): boolean {
  return refusalIn(error) !== undefined || (error instanceof ScorelineError && error.code === 'DESTINATION_FORBIDDEN');
}

/** The refusal behind an error, if HubSpot refused the call for good. */
export function refusalIn(error: unknown): Refusal | undefined {
  return error instanceof WireError && error.failure.kind === 'refused' ? error.failure.refusal : undefined;
}
