import type { Reply } from '../api/reply.ts';

/** What goes onto the wire, or does not. */
export type Answer =
  | {
      readonly kind: 'send';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      /** Null: no body, and no content type. */
      readonly body: string | null;
      /** Breaks the connection in the middle of the body. */
      readonly cut?: boolean;
    }
  | { readonly kind: 'drop' };

export const jsonContentType = 'application/json;charset=utf-8';

/** Rule 2: JSON with a correlation id in every error. */
export function answerOf(reply: Reply, correlationId: string, headers: Readonly<Record<string, string>>): Answer {
  const all = { ...headers, ...reply.headers, 'X-HubSpot-Correlation-Id': correlationId };
  if (reply.body === undefined) return { kind: 'send', status: reply.status, headers: all, body: null };
  const body = isErrorBody(reply.body) ? { ...reply.body, correlationId } : reply.body;
  return {
    kind: 'send',
    status: reply.status,
    headers: { ...all, 'Content-Type': jsonContentType },
    body: JSON.stringify(body),
  };
}

function isErrorBody(body: unknown): body is { readonly status: 'error' } {
  return typeof body === 'object' && body !== null && 'status' in body && body.status === 'error';
}
