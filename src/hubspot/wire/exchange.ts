import { parseJson } from './json-fields.ts';

export interface ExchangeRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
  /** Cuts the request off in flight; absent where it must be allowed to finish. */
  readonly signal?: AbortSignal;
}

/** What one HTTP request came to. */
export type Exchange =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers: Headers;
      /** Parsed whatever the content type said; undefined where the text is no JSON. */
      readonly json: unknown;
      readonly isEmpty: boolean;
    }
  /** No whole answer came. `reached` is false only where the request certainly never arrived. */
  | { readonly kind: 'broken'; readonly reason: string; readonly reached: boolean };

/** The errors of a connection that was never made. */
const neverConnected: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/**
 * Sends one request and reads its whole answer. A redirect is an answer like any other: following it would turn a POST
 * into a GET, or carry the token elsewhere.
 * @throws the signal's reason, if it cuts the request off
 */
export async function exchange(request: ExchangeRequest): Promise<Exchange> {
  const { url, method, headers, body, timeoutMs, signal } = request;
  signal?.throwIfAborted();
  const cut = new AbortController();
  const onAbort = () => cut.abort();
  const timer = setTimeout(onAbort, timeoutMs);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const response = await fetch(url, { method, headers, body, signal: cut.signal, redirect: 'manual' });
    const text = await response.text();
    return {
      kind: 'answer',
      status: response.status,
      headers: response.headers,
      json: parseJson(text),
      isEmpty: text.trim() === '',
    };
  } catch (error) {
    signal?.throwIfAborted();
    if (cut.signal.aborted) return { kind: 'broken', reason: `no answer in ${timeoutMs / 1000} s`, reached: true };
    const code = socketErrorCode(error);
    return { kind: 'broken', reason: `the connection broke (${code})`, reached: !neverConnected.has(code) };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

/** Only the code: texts of socket errors hold addresses. A host with several addresses fails with several errors. */
function socketErrorCode(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const first: unknown = cause instanceof AggregateError ? cause.errors[0] : cause;
  if (first instanceof Error && 'code' in first && typeof first.code === 'string') return first.code;
  return first instanceof Error ? first.name : 'unknown';
}
