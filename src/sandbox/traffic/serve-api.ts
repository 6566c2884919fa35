import { randomUUID } from 'node:crypto';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context } from 'hono';
import { type ApiRequest, type ApiVersion, isJsonObject } from '../api/api-request.ts';
import { errorReply, Refusal, type Reply } from '../api/reply.ts';
import type { Route } from '../api/routes.ts';
import type { SandboxCore } from '../sandbox-core.ts';
import { type Answer, answerOf } from './answer.ts';
import { authenticate, missingScope, unauthorizedReply } from './authenticate.ts';
import { faultAnswer, isCommitted } from './fault-answers.ts';
import { makeVanish } from './make-vanish.ts';
import type { Pauses } from './pauses.ts';
import { sendAnswer } from './send-answer.ts';

export type ApiContext = Context<{ Bindings: HttpBindings }>;

interface Incoming {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly params: Readonly<Record<string, string>>;
  readonly authorization: string | undefined;
  readonly bodyText: string;
  json(): unknown;
}

interface Served {
  readonly answer: Answer;
  /** Id of the fault that decided the answer, or else of one that struck. */
  readonly fault?: string;
}

/** One request to HubSpot's endpoints: works out the answer, keeps the log, sends it. */
export async function serveApi(
  core: SandboxCore,
  pauses: Pauses,
  context: ApiContext,
  route: Route | undefined,
): Promise<Response> {
  const startedAt = performance.now();
  const sequence = core.log.nextSequence();
  const at = new Date(core.now()).toISOString();
  const correlationId = randomUUID();
  const incoming = await receive(context);
  const { answer, fault } = await serve(core, pauses, incoming, route, correlationId);
  core.flush();
  const inputs = countInputs(incoming);
  const entry = {
    sequence,
    at,
    method: incoming.method,
    path: incoming.path,
    status: answer.kind === 'send' ? answer.status : 0,
    ms: Math.round((performance.now() - startedAt) * 100) / 100,
    correlationId,
    token: incoming.authorization?.slice(-4) ?? '',
    ...(inputs !== undefined && { inputs }),
    ...(fault !== undefined && { fault }),
    ...(core.settings.log.bodies && {
      requestBody: incoming.bodyText,
      responseBody: answer.kind === 'send' ? (answer.body ?? '') : '',
    }),
  };
  core.log.add(entry, core.settings.log.size);
  core.onRequest?.(entry);
  sendAnswer(answer, context.env.outgoing);
  return RESPONSE_ALREADY_SENT;
}

/** HubSpot's order as far as it is known: token, limits, scope, then whatever may go wrong, then the work. */
async function serve(
  core: SandboxCore,
  pauses: Pauses,
  incoming: Incoming,
  route: Route | undefined,
  correlationId: string,
): Promise<Served> {
  const send = (reply: Reply, headers = {}): Served => ({ answer: answerOf(reply, correlationId, headers) });
  const grant = authenticate(incoming.authorization, core.account, core.settings);
  if (grant === undefined) return send(unauthorizedReply());
  if (route === undefined) return send(errorReply(404, { message: `Not found: ${incoming.method} ${incoming.path}` }));
  const admission = core.limits.admit(grant.token, route.isSearch, core.now(), core.settings);
  if (!admission.admitted) return send(admission.refusal);
  const objectType = incoming.params.objectType ?? '';
  const forbidden = missingScope(grant, route.scope, objectType, core.account);
  if (forbidden !== undefined) return send(forbidden, admission.headers);

  if (!(await pauses.pause(drawLatency(core)))) return { answer: { kind: 'drop' } };
  const strikes = core.faults.strikes(incoming);
  for (const { effect } of strikes) {
    if (effect.kind === 'delay' && !(await pauses.pause(effect.ms))) return { answer: { kind: 'drop' } };
    if (effect.kind === 'vanish') {
      makeVanish(core.account, objectType, safeJson(incoming), effect.how, effect.count, core.now());
    }
  }
  const strike = strikes.at(-1);
  if (strike === undefined) return send(work(core, incoming, route), admission.headers);
  const done = isCommitted(strike.effect) ? work(core, incoming, route) : undefined;
  if (strike.effect.kind === 'timeout' && !(await pauses.pause(strike.effect.afterMs)))
    return { answer: { kind: 'drop' } };
  const answer = faultAnswer(strike.effect, done, correlationId, admission.headers);
  return { answer, fault: strike.id };
}

/** One synchronous step, so that no request sees another one half done. */
function work(core: SandboxCore, incoming: Incoming, route: Route): Reply {
  const now = core.now();
  const request: ApiRequest = {
    account: core.account,
    settings: core.settings,
    version: versionOf(incoming.params.version),
    params: incoming.params,
    query: incoming.query,
    bodyText: incoming.bodyText,
    json: incoming.json,
    now,
    usage: { callsToday: core.limits.callsToday(now), resetsAt: () => core.limits.resetsAt(now) },
    random: (bound) => core.random.below(bound),
  };
  try {
    return route.handle(request);
  } catch (error) {
    if (error instanceof Refusal) return error.reply;
    // A bug here must not look like HubSpot's own trouble.
    const what = error instanceof Error ? error.stack : String(error);
    return errorReply(500, { message: `The sandbox itself failed: ${what}`, category: 'SANDBOX_BUG' });
  }
}

async function receive(context: ApiContext): Promise<Incoming> {
  const { req } = context;
  const url = new URL(req.url);
  const bodyText = req.method === 'GET' ? '' : await req.text();
  let parsed: { readonly value: unknown } | undefined;
  return {
    method: req.method,
    path: url.pathname + url.search,
    query: url.searchParams,
    params: req.param(),
    authorization: req.header('authorization'),
    bodyText,
    json: () => {
      parsed ??= { value: JSON.parse(bodyText) };
      return parsed.value;
    },
  };
}

function drawLatency(core: SandboxCore): number {
  const { latencyMs } = core.settings;
  if (typeof latencyMs === 'number') return latencyMs;
  const [from, to] = latencyMs;
  return from + core.random.ratio() * Math.max(0, to - from);
}

function versionOf(version: string | undefined): ApiVersion {
  return version === '2026-03' || version === '2026-09' ? version : 'v3';
}

function countInputs(incoming: Incoming): number | undefined {
  const body = safeJson(incoming);
  if (Array.isArray(body)) return body.length;
  return isJsonObject(body) && Array.isArray(body.inputs) ? body.inputs.length : undefined;
}

function safeJson(incoming: Incoming): unknown {
  try {
    return incoming.json();
  } catch {
    // The endpoint has answered, or will, that this is no JSON.
    return undefined;
  }
}
