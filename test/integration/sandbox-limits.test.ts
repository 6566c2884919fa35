import { describe, expect, test } from 'vitest';
import { sandboxClient } from './sandbox-client.ts';

const details = ['GET', '/account-info/v3/details'] as const;
const search = ['POST', '/crm/v3/objects/contacts/search', {}] as const;

describe('rate limits', () => {
  test('rule 21: ten seconds roll, and a request is free again when the oldest of the window is over', async () => {
    const { call, clock } = await sandboxClient({ settings: { limits: { burstPer10s: 3 } } });
    expect((await call(...details)).status).toBe(200);
    clock.advance(4_000);
    for (let n = 0; n < 2; n++) expect((await call(...details)).status).toBe(200);
    expect((await call(...details)).status).toBe(429);
    clock.advance(5_999);
    expect((await call(...details)).status).toBe(429);
    clock.advance(1);
    expect((await call(...details)).status).toBe(200);
    expect((await call(...details)).status).toBe(429);
  });

  test('rule 21: the burst 429 names its policy and no Retry-After', async () => {
    const { call } = await sandboxClient({ settings: { limits: { burstPer10s: 0 } } });
    const { headers, body } = await call(...details);
    expect(body).toMatchObject({
      status: 'error',
      message: 'You have reached your ten_secondly_rolling limit.',
      errorType: 'RATE_LIMIT',
      policyName: 'TEN_SECONDLY_ROLLING',
    });
    expect(headers.has('retry-after')).toBe(false);
  });

  test('rule 21: Retry-After can be switched on', async () => {
    const { call } = await sandboxClient({
      settings: { limits: { burstPer10s: 0 }, switches: { retryAfterSeconds: 7 } },
    });
    expect((await call(...details)).headers.get('retry-after')).toBe('7');
  });

  test('rule 21: each token has a window of its own', async () => {
    const { call } = await sandboxClient({ settings: { limits: { burstPer10s: 1 }, tokens: [{ token: 'other' }] } });
    expect((await call(...details)).status).toBe(200);
    expect((await call(...details)).status).toBe(429);
    const headers = { authorization: 'Bearer other' };
    expect((await call(...details, undefined, headers)).status).toBe(200);
  });

  test('rule 21: the day is the account’s, shared by its tokens, and ends at its midnight', async () => {
    const { call, clock } = await sandboxClient({
      timeZone: 'Europe/Berlin',
      settings: { limits: { perDay: 2, burstPer10s: null }, tokens: [{ token: 'other' }] },
    });
    expect((await call(...details)).status).toBe(200);
    expect((await call(...details, undefined, { authorization: 'Bearer other' })).status).toBe(200);
    const refused = await call(...details);
    expect(refused.status).toBe(429);
    expect(refused.body).toMatchObject({ message: 'You have reached your daily limit.', policyName: 'DAILY' });
    // 12:00 UTC is 14:00 in Berlin.
    clock.advance(10 * 3_600_000 - 1);
    expect((await call(...details)).status).toBe(429);
    clock.advance(1);
    expect((await call(...details)).status).toBe(200);
  });

  test('rule 21: ordinary answers carry the rate headers', async () => {
    const { call } = await sandboxClient({ settings: { limits: { burstPer10s: 190, perDay: 1_000 } } });
    await call(...details);
    const { headers } = await call(...details);
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-hubspot-ratelimit-daily': '1000',
      'x-hubspot-ratelimit-daily-remaining': '998',
      'x-hubspot-ratelimit-interval-milliseconds': '10000',
      'x-hubspot-ratelimit-max': '190',
      'x-hubspot-ratelimit-remaining': '188',
      'x-hubspot-ratelimit-secondly': '19',
      'x-hubspot-ratelimit-secondly-remaining': '17',
    });
  });

  test('rule 22: search has a limit of its own, and its 429 names no policy', async () => {
    const { call, clock } = await sandboxClient({ settings: { limits: { burstPer10s: 1 } } });
    for (let n = 0; n < 5; n++) expect((await call(...search)).status).toBe(200);
    const { status, body, headers } = await call(...search);
    expect(status).toBe(429);
    expect(body).toMatchObject({ message: 'You have reached your secondly limit.', category: 'RATE_LIMITS' });
    expect(body).not.toHaveProperty('policyName');
    expect(headers.has('retry-after')).toBe(false);
    expect(headers.has('x-hubspot-ratelimit-daily')).toBe(true);
    clock.advance(1_000);
    expect((await call(...search)).status).toBe(200);
    // Searches took nothing of the ten seconds.
    expect((await call(...details)).status).toBe(200);
  });

  test('rule 22: answers to searches carry no rate headers', async () => {
    const { call } = await sandboxClient();
    const names = [...(await call(...search)).headers.keys()];
    expect(names.filter((name) => name.includes('ratelimit'))).toEqual([]);
  });

  test('refused requests take nothing of the window unless it is switched so', async () => {
    for (const [refusedRequestsCount, status] of [
      [false, 200],
      [true, 429],
    ] as const) {
      const { call, clock } = await sandboxClient({
        settings: { limits: { burstPer10s: 1 }, switches: { refusedRequestsCount } },
      });
      await call(...details);
      clock.advance(9_000);
      expect((await call(...details)).status).toBe(429);
      clock.advance(1_000);
      expect((await call(...details)).status).toBe(status);
    }
  });
});
