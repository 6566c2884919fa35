import { errorReply, type Reply } from '../api/reply.ts';
import type { Answer } from './answer.ts';
import { answerOf } from './answer.ts';
import { missingScopeReply, unauthorizedReply } from './authenticate.ts';
import type { FaultEffect } from './fault.ts';
import { rateLimitReply } from './rate-limits.ts';

/** @returns whether the request is worked on although its answer is replaced or lost */
export function isCommitted(effect: FaultEffect): boolean {
  if ('commit' in effect) return effect.commit || (effect.kind === 'drop' && effect.midway);
  return ['missing_results', 'no_trace_ids', 'empty_errors', 'delay', 'vanish'].includes(effect.kind);
}

/**
 * @param done what the request would be answered; absent where the fault struck before it was worked on
 * @returns the answer that the fault makes of it
 */
export function faultAnswer(
  effect: FaultEffect,
  done: Reply | undefined,
  correlationId: string,
  headers: Readonly<Record<string, string>>,
): Answer {
  const send = (reply: Reply) => answerOf(reply, correlationId, headers);
  const undone = done ?? { status: 200, body: { status: 'COMPLETE', results: [] } };
  switch (effect.kind) {
    case 'status':
      return {
        kind: 'send',
        status: effect.status,
        headers: {
          ...headers,
          ...effect.headers,
          ...(effect.contentType !== null && { 'Content-Type': effect.contentType }),
        },
        body:
          typeof effect.body === 'string' || effect.body === undefined
            ? (effect.body ?? null)
            : JSON.stringify(effect.body),
      };
    case 'locked':
      return send(
        errorReply(423, { message: 'The resource is locked: too many requests at once.', category: 'LOCKED' }),
      );
    case 'migrating': {
      const retryAfter = { 'Retry-After': String(effect.retryAfterSeconds) };
      return send(errorReply(477, { message: 'The account is being migrated to another data center.' }, retryAfter));
    }
    case 'internal_error':
      return send(errorReply(500, { message: 'internal error' }));
    case 'gateway':
      return gatewayAnswer(effect.status, effect.format);
    case 'timeout':
      return gatewayAnswer(524, 'html');
    case 'drop': {
      const answer = send(undone);
      return effect.midway && answer.kind === 'send' ? { ...answer, cut: true } : { kind: 'drop' };
    }
    case 'unauthorized':
      return send(unauthorizedReply());
    case 'missing_scope':
      return send(missingScopeReply([effect.scope]));
    case 'rate_limited':
      return send(rateLimitReply(effect.policy, effect.retryAfterSeconds));
    case 'conflict':
      return send(
        errorReply(409, { message: 'A record with one of these values already exists.', category: 'CONFLICT' }),
      );
    case 'empty_answer':
      return send({ status: 200 });
    case 'empty_results':
      return send({ status: 200, body: { status: 'COMPLETE', results: [] } });
    case 'missing_results':
      return send(rewritten(undone, (body) => ({ ...body, results: body.results.slice(0, -effect.count) })));
    case 'no_trace_ids':
      return send(rewritten(undone, (body) => ({ ...body, results: body.results.map(withoutTraceId) })));
    case 'empty_errors': {
      const emptied = rewritten(undone, (body) => ({ ...body, numErrors: 0, errors: [] }));
      return send(emptied === undone ? undone : { ...emptied, status: 207 });
    }
    case 'broken_json': {
      const answer = send(undone);
      if (answer.kind !== 'send' || answer.body === null) return answer;
      return { ...answer, body: answer.body.slice(0, Math.floor(answer.body.length / 2)) };
    }
    case 'vanish':
    case 'delay':
      return send(undone);
    default: {
      const never: never = effect;
      throw new TypeError(`unknown effect ${JSON.stringify(never)}`);
    }
  }
}

function gatewayAnswer(status: number, format: 'html' | 'none'): Answer {
  const body = `<html>\n<head><title>${status}</title></head>\n<body><center><h1>Error ${status}</h1></center></body>\n</html>\n`;
  return { kind: 'send', status, headers: format === 'html' ? { 'Content-Type': 'text/html' } : {}, body };
}

/** Changes the answer of a batch that was done; other answers stay as they are. */
function rewritten(reply: Reply, change: (body: { readonly results: readonly unknown[] }) => unknown): Reply {
  const { body } = reply;
  if (typeof body !== 'object' || body === null || !('results' in body) || !Array.isArray(body.results)) return reply;
  return { ...reply, body: change({ ...body, results: body.results }) };
}

function withoutTraceId(result: unknown): unknown {
  if (typeof result !== 'object' || result === null || !('objectWriteTraceId' in result)) return result;
  const { objectWriteTraceId: _, ...rest } = result;
  return rest;
}
