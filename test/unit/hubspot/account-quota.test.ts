import { describe, expect, it } from 'vitest';
import { AccountQuota, type Permit, type Pool } from '../../../src/hubspot/quota/account-quota.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

async function admit(quota: AccountQuota, pool: Pool = 'general', signal?: AbortSignal): Promise<Permit> {
  const admission = await quota.admit(pool, signal);
  if (admission.kind === 'closed') throw new Error('the day is spent');
  return admission.permit;
}

const rate = (max: number, remaining: number) => ({ burst: { max, remaining, windowMs: 10_000 } });

describe('the quota of an account', () => {
  it('begins with what the smallest plan takes, and learns the rest from the first answer', async () => {
    const learnt: number[] = [];
    const clock = new VirtualClock();
    const quota = new AccountQuota({ clock, dailyReserveRatio: 0, onBurstLearnt: (burst) => learnt.push(burst) });
    expect(quota.burstPer10s).toBe(100);
    const permit = await admit(quota);
    permit.answered(rate(190, 189));
    expect(learnt).toEqual([190]);
    for (let call = 2; call <= 190; call += 1) (await admit(quota)).answered(rate(190, 190 - call));
    expect(clock.monotonicMs()).toBe(0);
    await clock.run(admit(quota));
    expect(clock.monotonicMs()).toBeGreaterThanOrEqual(10_000);
  });

  it('never goes above its own ceiling, and takes what HubSpot has beyond it for others', async () => {
    const clock = new VirtualClock();
    const quota = new AccountQuota({ clock, burstPer10s: 50, dailyReserveRatio: 0 });
    // Others use 100 of 190, which leaves our 50 free.
    for (let call = 1; call <= 50; call += 1) (await admit(quota)).answered(rate(190, 90 - call));
    expect(clock.monotonicMs()).toBe(0);
    expect(quota.burstPer10s).toBe(50);
    await clock.run(admit(quota));
    expect(clock.monotonicMs()).toBeGreaterThanOrEqual(10_000);
  });

  it('lets five searches a second through, beside the other calls', async () => {
    const clock = new VirtualClock();
    const quota = new AccountQuota({ clock, burstPer10s: 100, dailyReserveRatio: 0 });
    const sentAtMs: number[] = [];
    async function search(): Promise<void> {
      for (let call = 0; call < 25; call += 1) {
        const permit = await admit(quota, 'search');
        sentAtMs.push(clock.monotonicMs());
        await clock.sleep(80);
        permit.answered({});
      }
    }
    await clock.run(search());
    for (const [index, atMs] of sentAtMs.entries()) {
      const before = sentAtMs[index - 5];
      if (before !== undefined) expect(atMs - before).toBeGreaterThanOrEqual(1000);
    }
    for (let call = 0; call < 100; call += 1) (await admit(quota)).answered({});
    expect(clock.monotonicMs()).toBeLessThan(6000);
  });

  it('pauses all calls of a kind after a refusal over the limit', async () => {
    const clock = new VirtualClock();
    const quota = new AccountQuota({ clock, burstPer10s: 100, dailyReserveRatio: 0 });
    const permit = await admit(quota);
    permit.answered({});
    permit.refused('rate', 7000);
    (await admit(quota, 'search')).answered({});
    expect(clock.monotonicMs()).toBe(0);
    await clock.run(admit(quota));
    expect(clock.monotonicMs()).toBe(7000);
  });

  it('ends the wait of an interrupted call and lets the next one in', async () => {
    const clock = new VirtualClock();
    const quota = new AccountQuota({ clock, burstPer10s: 1, dailyReserveRatio: 0 });
    (await admit(quota)).answered({});
    const abort = new AbortController();
    const interrupted = admit(quota, 'general', abort.signal);
    const next = admit(quota);
    abort.abort(new Error('interrupted by a test'));
    await expect(interrupted).rejects.toThrow('interrupted by a test');
    await clock.run(next);
    expect(clock.monotonicMs()).toBeGreaterThanOrEqual(10_000);
  });

  it('refuses calls while the day is spent', async () => {
    const clock = new VirtualClock();
    const quota = new AccountQuota({ clock, dailyReserveRatio: 0.1 });
    (await admit(quota)).answered({ daily: { limit: 1000, remaining: 100 } });
    const retryAt = new Date(clock.now().getTime() + 3_600_000);
    expect(await quota.admit('search')).toEqual({ kind: 'closed', retryAt });
    await clock.run(clock.sleep(3_600_000));
    expect(await quota.admit('search')).toMatchObject({ kind: 'permit' });
  });
});
