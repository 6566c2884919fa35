import type { AnswerShape } from './answer-shapes.ts';
import type { Exchange } from './exchange.ts';
import type { JsonObject } from './json-fields.ts';
import { type Refusal, readRefusal } from './refusal.ts';

/** What an exchange means for the call. */
export type Verdict =
  | { readonly kind: 'done'; readonly status: number; readonly json: JsonObject; readonly correlationId?: string }
  /** For good: sending it again would be refused again. */
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** Not carried out: too many calls in the window of the call's kind, or in the day. */
  | { readonly kind: 'limited'; readonly limit: 'rate' | 'daily'; readonly retryAfterMs?: number }
  /** Not carried out: HubSpot asks to wait. */
  | { readonly kind: 'busy'; readonly reason: string; readonly leastWaitMs: number }
  /** No usable answer; it may have been carried out unless `reached` is false. */
  | {
      readonly kind: 'failed';
      readonly reason: string;
      readonly reached: boolean;
      readonly repeatable: boolean;
      readonly retryAfterMs?: number;
    };

/** Locks last 2 s. */
const lockedMs = 2000;
/** A migration that does not say how long it takes; it may be up to a day. */
const migrationMs = 60_000;

/** Of the 5xx, those that a second try may cure. 525 and 526 (broken TLS) and the like are not among them. */
const passingFailures: ReadonlySet<number> = new Set([408, 500, 501, 502, 503, 504, 521, 522, 523, 524]);

/** @param now for a `Retry-After` that is a date */
export function judge(exchange: Exchange, shape: AnswerShape, now: Date): Verdict {
  if (exchange.kind === 'broken') return { ...exchange, kind: 'failed', repeatable: true };
  const { status, headers, json } = exchange;
  const retryAfterMs = readRetryAfter(headers.get('retry-after'), now);
  if (status >= 200 && status < 300) return judgeSuccess(exchange, shape);
  if (status === 429) return { kind: 'limited', limit: limitNamedBy(readRefusal(json, { status })), retryAfterMs };
  if (status === 423) {
    return {
      kind: 'busy',
      reason: 'HubSpot locked the records (423)',
      leastWaitMs: Math.max(retryAfterMs ?? 0, lockedMs),
    };
  }
  if (status === 477) {
    return { kind: 'busy', reason: 'HubSpot is moving the account (477)', leastWaitMs: retryAfterMs ?? migrationMs };
  }
  if (status >= 500 || status === 408) {
    const repeatable = passingFailures.has(status);
    return { kind: 'failed', reason: `HubSpot answered ${status}`, reached: true, repeatable, retryAfterMs };
  }
  return { kind: 'refused', refusal: readRefusal(json, { status, correlationId: correlationIdOf(headers) }) };
}

/** A proxy's page, a broken body or another object than was asked for: nobody knows what was carried out. */
function judgeSuccess(answer: Extract<Exchange, { kind: 'answer' }>, shape: AnswerShape): Verdict {
  const { status, headers, json, isEmpty } = answer;
  const shaped = shape(json);
  if (shaped !== undefined) return { kind: 'done', status, json: shaped, correlationId: correlationIdOf(headers) };
  const reason = `HubSpot answered ${status} with ${isEmpty ? 'an empty body' : 'something else than was asked for'}`;
  return { kind: 'failed', reason, reached: true, repeatable: true };
}

function correlationIdOf(headers: Headers): string | undefined {
  return headers.get('x-hubspot-correlation-id') ?? undefined;
}

/** The burst and the search limit need no telling apart by words: a call knows which of the two it counts in. */
function limitNamedBy(refusal: Refusal): 'rate' | 'daily' {
  return `${refusal.policyName ?? ''} ${refusal.message}`.toLowerCase().includes('daily') ? 'daily' : 'rate';
}

/** Seconds, or an HTTP date. @returns undefined where it is neither */
function readRetryAfter(value: string | null, now: Date): number | undefined {
  if (value === null) return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now.getTime());
}
