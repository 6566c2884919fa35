import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CallHistory, decideRetry, longestWaitMs } from '../../../src/hubspot/wire/retry-policy.ts';

const fresh: CallHistory = { failures: 1, turnedAway: 1, troubleMs: 0 };
const failed = { kind: 'failed', reason: 'HubSpot answered 503', reached: true, repeatable: true } as const;
const half = () => 0.5;

describe('decideRetry', () => {
  it('waits longer after each failure, partly by chance, and gives up after the sixth', () => {
    const waits = [1, 2, 3, 4, 5].map((failures) => {
      const least = decideRetry(failed, { ...fresh, failures }, () => 0);
      const most = decideRetry(failed, { ...fresh, failures }, () => 1);
      return [least, most].map((decision) => (decision.kind === 'again' ? decision.waitMs : Number.NaN));
    });
    expect(waits).toEqual([
      [500, 1000],
      [1000, 2000],
      [2000, 4000],
      [4000, 8000],
      [8000, 16_000],
    ]);
    expect(decideRetry(failed, { ...fresh, failures: 6 }, half)).toEqual({ kind: 'give-up' });
  });

  it('waits as long as HubSpot says', () => {
    const said = { kind: 'limited', limit: 'rate', retryAfterMs: 7000 } as const;
    expect(decideRetry(said, fresh, half)).toEqual({ kind: 'again', waitMs: 7000 });
    expect(decideRetry({ ...failed, retryAfterMs: 20_000 }, fresh, half)).toEqual({ kind: 'again', waitMs: 20_000 });
  });

  it('waits at least as long as a lock lasts', () => {
    const locked = { kind: 'busy', reason: 'locked', leastWaitMs: 2000 } as const;
    const decision = decideRetry(locked, fresh, () => 0);
    expect(decision.kind === 'again' && decision.waitMs >= 2000).toBe(true);
  });

  it('leaves the daily limit, and waits of more than 5 minutes, to the next run', () => {
    expect(decideRetry({ kind: 'limited', limit: 'daily' }, fresh, half).kind).toBe('postpone');
    const day = { kind: 'busy', reason: 'moving', leastWaitMs: 86_400_000 } as const;
    expect(decideRetry(day, fresh, half)).toMatchObject({ kind: 'postpone' });
    expect(decideRetry({ kind: 'limited', limit: 'rate' }, { ...fresh, troubleMs: 299_900 }, half).kind).toBe(
      'postpone',
    );
  });

  it('never waits more than 5 minutes in sum, whatever happens', () => {
    const setback = fc.oneof(
      fc.record({
        kind: fc.constant('limited' as const),
        limit: fc.constant('rate' as const),
        retryAfterMs: fc.option(fc.nat(400_000), { nil: undefined }),
      }),
      fc.record({ kind: fc.constant('busy' as const), reason: fc.constant(''), leastWaitMs: fc.nat(200_000) }),
      fc.constant(failed),
    );
    fc.assert(
      fc.property(fc.infiniteStream(setback), fc.double({ min: 0, max: 1, noNaN: true }), (setbacks, random) => {
        let history: CallHistory = { failures: 0, turnedAway: 0, troubleMs: 0 };
        for (const next of setbacks) {
          const { failures, turnedAway, troubleMs } = history;
          history =
            next.kind === 'failed'
              ? { failures: failures + 1, turnedAway, troubleMs }
              : { failures, turnedAway: turnedAway + 1, troubleMs };
          const decision = decideRetry(next, history, () => random);
          if (decision.kind !== 'again') return;
          history = { ...history, troubleMs: history.troubleMs + decision.waitMs };
          expect(history.troubleMs).toBeLessThanOrEqual(longestWaitMs);
        }
      }),
    );
  });
});
