import { afterEach, describe, expect, it } from 'vitest';
import { ScorelineError } from '../../src/errors/scoreline-error.ts';
import { connectHubSpot, type HubSpotConnection } from '../../src/hubspot/connect-hubspot.ts';
import type { HubSpotEvent } from '../../src/hubspot/hubspot-event.ts';
import type { HubSpot, WriteOutcome } from '../../src/hubspot/types.ts';
import { InstantClock } from '../support/instant-clock.ts';
import {
  type ScriptedHubSpot,
  type ScriptedReply,
  type ScriptedRequest,
  scriptedHubSpot,
} from '../support/scripted-hubspot.ts';

const token = 'pat-eu1-00000000-secret';
const details = { portalId: 7, accountType: 'STANDARD', timeZone: 'Europe/Berlin', uiDomain: 'app.hubspot.com' };
const json = (status: number, body: unknown, headers?: Record<string, string>): ScriptedReply => ({
  status,
  json: body,
  headers,
});
const ok = json(200, details);

interface Scene {
  readonly hubspot: HubSpot;
  readonly server: ScriptedHubSpot;
  readonly clock: InstantClock;
  readonly events: HubSpotEvent[];
}

const open: { close(): Promise<void> }[] = [];

async function scene(
  answer: (request: ScriptedRequest, count: number) => ScriptedReply | Promise<ScriptedReply>,
  options: Partial<HubSpotConnection> = {},
): Promise<Scene> {
  const server = await scriptedHubSpot(answer);
  const clock = new InstantClock();
  const events: HubSpotEvent[] = [];
  const hubspot = connectHubSpot({
    baseUrl: server.url,
    token,
    apiVersion: 'v3',
    dailyReserveRatio: 0,
    clock,
    random: () => 0.5,
    onEvent: (event) => events.push(event),
    ...options,
  });
  open.push(hubspot, server);
  return { hubspot, server, clock, events };
}

/** Answers in turn; the last one for good. */
const inTurn =
  (...replies: readonly ScriptedReply[]) =>
  (_: ScriptedRequest, count: number) =>
    replies[Math.min(count, replies.length) - 1] ?? ok;

async function errorOf(work: Promise<unknown>): Promise<ScorelineError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ScorelineError)) throw new Error(`expected a ScorelineError, got ${String(error)}`);
  return error;
}

const update = (hubspot: HubSpot, recordId = '1', signal?: AbortSignal): Promise<readonly WriteOutcome[]> =>
  hubspot.records.write(
    { kind: 'update', object: 'contacts', records: [{ traceId: 't', recordId, properties: { score: '5' } }] },
    signal,
  );
const written = (id: string) => json(200, { status: 'COMPLETE', results: [{ id, properties: {} }] });

afterEach(async () => {
  for (const part of open.splice(0)) await part.close();
});

describe('a call to HubSpot', () => {
  it('carries the token and asks the account once (facts 28)', async () => {
    const { hubspot, server } = await scene(() => ok);
    expect(await hubspot.account()).toEqual(details);
    await hubspot.account();
    expect(server.requests.map(({ method, path, headers }) => [method, path, headers.authorization])).toEqual([
      ['GET', '/account-info/v3/details', `Bearer ${token}`],
    ]);
    expect(hubspot.usage()).toMatchObject({ calls: 1, retries: 0 });
  });

  it.each([
    ['Thu, 15 Jan 2026 12:01:30 GMT', 90_500],
    ['Thu, 15 Jan 2026 11:59:59 GMT', -500],
    ['soon', undefined],
  ])('hears what time it is there from the header Date: %s', async (date, aheadMs) => {
    const { hubspot } = await scene(() => ({ ...ok, headers: { date } }));
    expect(hubspot.usage().clock).toBeUndefined();
    await hubspot.account();
    expect(hubspot.usage().clock?.aheadMs).toBe(aheadMs);
  });

  it('goes to the dated paths by a switch (facts 3)', async () => {
    const { hubspot, server } = await scene(({ path }) => (path.includes('batch') ? written('1') : ok), {
      apiVersion: '2026-09',
    });
    await hubspot.account();
    await update(hubspot);
    expect(server.requests.map(({ path }) => path)).toEqual([
      '/account-info/2026-09/details',
      '/crm/objects/2026-09/contacts/batch/update',
    ]);
  });

  it.each([500, 501, 502, 503, 504, 521, 522, 523, 524])(
    'is repeated after a %i with a page of HTML',
    async (status) => {
      const page = { status, headers: { 'content-type': 'text/html' }, text: '<html>bad gateway</html>' };
      const { hubspot, server, events } = await scene(inTurn(page, { status, text: '' }, ok));
      expect((await hubspot.account()).portalId).toBe(7);
      expect(server.requests).toHaveLength(3);
      expect(hubspot.usage()).toMatchObject({ calls: 3, retries: 2 });
      expect(events.filter(({ kind }) => kind === 'retry')).toHaveLength(2);
    },
  );

  it.each([
    ['HTML', { headers: { 'content-type': 'text/html' }, text: '<html>welcome</html>' }],
    ['broken JSON', { headers: { 'content-type': 'application/json' }, text: '{"portalId":' }],
    ['an empty body', { text: '' }],
    ['a bare text', json(200, 'fine')],
    ['a cut connection', { drop: 'before' }],
    ['a connection cut in the middle of the answer', { drop: 'midway' }],
  ] satisfies [string, ScriptedReply][])('is repeated after %s', async (_, reply) => {
    const { hubspot, server } = await scene(inTurn(reply, ok));
    expect((await hubspot.account()).portalId).toBe(7);
    expect(server.requests).toHaveLength(2);
  });

  it('takes JSON without a content type', async () => {
    const { hubspot } = await scene(() => ({ text: JSON.stringify(details) }));
    expect((await hubspot.account()).portalId).toBe(7);
  });

  it('is repeated when no answer comes in time', async () => {
    const { hubspot, server } = await scene(inTurn({ silence: true }, ok), { timeouts: { answerMs: 40 } });
    expect((await hubspot.account()).portalId).toBe(7);
    expect(server.requests).toHaveLength(2);
  });

  it('waits 2 s or more for a lock, and what Retry-After says for a move and a limit', async () => {
    const { hubspot, clock } = await scene(
      inTurn(
        json(423, { status: 'error', message: 'locked' }),
        json(477, { status: 'error' }, { 'retry-after': '60' }),
        json(429, { policyName: 'TEN_SECONDLY_ROLLING' }, { 'retry-after': '11' }),
        ok,
      ),
    );
    await hubspot.account();
    const [lock, move, limit] = clock.sleeps;
    expect(lock).toBeGreaterThanOrEqual(2000);
    expect(move).toBeGreaterThanOrEqual(60_000);
    expect(limit).toBeGreaterThanOrEqual(11_000);
  });

  it('gives up after six failures, when nothing else gets through, and says so', async () => {
    const { hubspot, server } = await scene(() => json(503, {}));
    const [outcome] = await update(hubspot);
    const error = outcome?.kind === 'deferred' ? outcome.failure : undefined;
    if (error === undefined) throw new Error(`expected a failure, got ${outcome?.kind}`);
    expect(error.code).toBe('DESTINATION_UNREACHABLE');
    expect(error.message).toContain('HubSpot answered 503, 6 times');
    expect(server.requests).toHaveLength(6);
  });

  it('says that nobody listens', async () => {
    const { hubspot, server } = await scene(() => ok);
    await server.close();
    const error = await errorOf(hubspot.account());
    expect(error.code).toBe('DESTINATION_UNREACHABLE');
    expect(error.message).toContain('ECONNREFUSED');
  });

  it('defers an update that alone gets no answer, while HubSpot answers others', async () => {
    const { hubspot } = await scene(({ body }) =>
      JSON.stringify(body).includes('"id":"13"') ? json(504, {}) : written('1'),
    );
    const unlucky = update(hubspot, '13');
    const others = (async () => {
      for (let call = 0; call < 200; call += 1) await update(hubspot);
    })();
    expect(await unlucky).toEqual([{ kind: 'deferred', reason: 'HubSpot answered 504, 6 times' }]);
    await others;
  });

  it('never repeats a refusal', async () => {
    const refusal = { status: 'error', message: 'no such thing', correlationId: 'c-9', category: 'VALIDATION_ERROR' };
    const { hubspot, server } = await scene(() => json(400, refusal));
    const error = await errorOf(hubspot.schema.readGroups('contacts'));
    expect(error.code).toBe('DESTINATION_REFUSED');
    expect(error.message).toBe(
      'HubSpot refused GET /crm/v3/properties/contacts/groups: 400 VALIDATION_ERROR: no such thing (correlation id c-9)',
    );
    expect(server.requests).toHaveLength(1);
  });

  it('does not follow a redirect', async () => {
    const { hubspot, server } = await scene(() => ({ status: 302, headers: { location: '/elsewhere' }, text: '' }));
    expect((await errorOf(hubspot.account())).code).toBe('DESTINATION_REFUSED');
    expect(server.requests).toHaveLength(1);
  });

  it('tells a bad token from a missing scope (facts 1)', async () => {
    const scopes = {
      message: 'no',
      category: 'MISSING_SCOPES',
      errors: [{ context: { requiredGranularScopes: ['crm.lists.read'] } }],
    };
    const { hubspot } = await scene(
      inTurn(
        json(401, { message: 'Authentication credentials not found.', category: 'INVALID_AUTHENTICATION' }),
        json(403, scopes),
      ),
    );
    expect((await errorOf(hubspot.account())).code).toBe('DESTINATION_UNAUTHORIZED');
    const forbidden = await errorOf(hubspot.lists.find({ name: 'Hot', object: 'contacts' }));
    expect(forbidden.code).toBe('DESTINATION_FORBIDDEN');
    expect(forbidden.message).toContain('crm.lists.read');
  });

  it('keeps token and e-mail addresses out of errors, rejections and events', async () => {
    const message = `bad value for jo@acme.example with ${token}`;
    const { hubspot, events } = await scene(inTurn(json(400, { message, category: 'VALIDATION_ERROR' })));
    const error = await errorOf(hubspot.account());
    const outcomes = await update(hubspot);
    const shown = JSON.stringify([error.message, error.details, outcomes, events]);
    expect(shown).toContain('bad value for [e-mail]');
    expect(shown).not.toMatch(/jo@acme|secret/);
  });

  it('refuses a token or an address that cannot be one, without showing the token', () => {
    const connection = { baseUrl: 'http://127.0.0.1:1', token, apiVersion: 'v3', dailyReserveRatio: 0 } as const;
    for (const wrong of ['', 'pat secret', 'secret\n', 'sécret']) {
      const connect = () => connectHubSpot({ ...connection, token: wrong });
      expect(connect).toThrow(/access token/);
      expect(connect).not.toThrow(/cret/);
    }
    expect(() => connectHubSpot({ ...connection, baseUrl: 'api.hubapi.com' })).toThrow(
      /"api.hubapi.com" is no web address/,
    );
  });
});

describe('quota', () => {
  const rate = (max: number, remaining: number, daily: number, dailyRemaining: number) => ({
    'x-hubspot-ratelimit-max': String(max),
    'x-hubspot-ratelimit-remaining': String(remaining),
    'x-hubspot-ratelimit-interval-milliseconds': '10000',
    'x-hubspot-ratelimit-daily': String(daily),
    'x-hubspot-ratelimit-daily-remaining': String(dailyRemaining),
  });

  it('is learnt from the answers, and never above what was configured', async () => {
    const answer = () => json(200, details, rate(190, 180, 1000, 900));
    const free = await scene(answer);
    await free.hubspot.account();
    expect(free.hubspot.usage()).toMatchObject({ burstPer10s: 190, dailyLimit: 1000, dailyRemaining: 900 });
    expect(free.events).toContainEqual({ kind: 'burst-learnt', burstPer10s: 190 });
    const capped = await scene(answer, { burstPer10s: 50 });
    await capped.hubspot.account();
    expect(capped.hubspot.usage().burstPer10s).toBe(50);
  });

  it('defers everything after the daily limit, until midnight of the account, without asking again (facts 21)', async () => {
    const daily = json(429, { message: 'You have reached your daily limit.', policyName: 'DAILY' });
    const { hubspot, server } = await scene(({ path }) => (path.includes('details') ? ok : daily));
    await hubspot.account();
    // Noon in UTC on a winter day: 13:00 in Berlin.
    const retryAt = new Date('2026-01-15T23:00:00Z');
    expect(await update(hubspot)).toMatchObject([{ kind: 'deferred', retryAt }]);
    expect(await update(hubspot)).toMatchObject([{ kind: 'deferred', retryAt }]);
    const error = await errorOf(hubspot.schema.readGroups('contacts'));
    expect([error.code, error.details.retryAt]).toEqual(['RUN_DEFERRED', retryAt]);
    expect(server.requests).toHaveLength(2);
  });

  it('leaves the reserve of the day to others', async () => {
    const { hubspot, server } = await scene(() => json(200, details, rate(190, 180, 1000, 200)), {
      dailyReserveRatio: 0.2,
    });
    await hubspot.account();
    expect(await update(hubspot)).toMatchObject([{ kind: 'deferred' }]);
    expect(server.requests).toHaveLength(1);
  });

  it('leaves a wait of a day to the next run', async () => {
    const { hubspot, server } = await scene(() => json(477, {}, { 'retry-after': '86400' }));
    const [outcome] = await update(hubspot);
    const inADay = (outcome?.kind === 'deferred' && outcome.retryAt?.toISOString()) || '';
    expect(inADay.startsWith('2026-01-16T12:00')).toBe(true);
    expect(server.requests).toHaveLength(1);
  });

  it('goes on after refusals over the limit, and pauses for all', async () => {
    const burst = json(429, {
      policyName: 'TEN_SECONDLY_ROLLING',
      message: 'You have reached your ten_secondly_rolling limit.',
    });
    const { hubspot } = await scene((_, count) => (count <= 3 ? burst : written('1')));
    const outcomes = await Promise.all([update(hubspot), update(hubspot), update(hubspot)]);
    expect(outcomes.flat().map(({ kind }) => kind)).toEqual(['accepted', 'accepted', 'accepted']);
    expect(hubspot.usage()).toMatchObject({ calls: 6, retries: 3 });
  });
});

describe('an interruption', () => {
  it('cuts off a read', async () => {
    const abort = new AbortController();
    const { hubspot } = await scene(() => {
      abort.abort(new Error('interrupted by a test'));
      return { silence: true };
    });
    await expect(hubspot.schema.readGroups('contacts', abort.signal)).rejects.toThrow('interrupted by a test');
  });

  it('lets a write in flight finish, and defers those that wait', async () => {
    const abort = new AbortController();
    const { hubspot, server } = await scene(() => {
      abort.abort();
      return written('1');
    });
    expect(await update(hubspot, '1', abort.signal)).toMatchObject([{ kind: 'accepted' }]);
    expect(await update(hubspot, '1', abort.signal)).toEqual([{ kind: 'deferred', reason: 'the run was interrupted' }]);
    expect(server.requests).toHaveLength(1);
  });

  it('ends the wait before a retry', async () => {
    const abort = new AbortController();
    const { hubspot, server } = await scene(() => {
      abort.abort();
      return json(503, {});
    });
    expect(await update(hubspot, '1', abort.signal)).toEqual([{ kind: 'deferred', reason: 'the run was interrupted' }]);
    expect(server.requests).toHaveLength(1);
  });

  it('by close() ends every later call', async () => {
    const { hubspot, server } = await scene(() => ok);
    await hubspot.close();
    await expect(hubspot.account()).rejects.toThrow('the connection to HubSpot is closed');
    expect(server.requests).toHaveLength(0);
  });
});
