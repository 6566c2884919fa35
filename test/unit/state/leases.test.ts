import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type LeaseRequest, takeLeases } from '../../../src/state/leases.ts';
import { openState } from '../../../src/state/open-state.ts';
import type { State } from '../../../src/state/state.ts';
import { openWarehouse } from '../../../src/warehouse/open-warehouse.ts';
import type { Warehouse } from '../../../src/warehouse/port.ts';
import { openTempWarehouse, type TempWarehouse } from '../../support/temp-warehouse.ts';

let db: TempWarehouse;
let other: Warehouse;
let mine: State;
let theirs: State;
let nowMs: number;
/** Runs while somebody waits. */
let duringSleep: () => Promise<unknown>;

beforeEach(async () => {
  db = await openTempWarehouse();
  other = await openWarehouse(db.settings, { timeZone: 'UTC' });
  mine = await openState(db.warehouse, { schema: 'scoreline' });
  theirs = await openState(other, { schema: 'scoreline' });
  nowMs = 0;
  duringSleep = async () => {};
});
afterEach(async () => {
  await other.close();
  await db.dispose();
});

function request(runId: string, settings: Partial<LeaseRequest> = {}): LeaseRequest {
  return {
    names: ['sync:leads'],
    runId,
    holder: `process of ${runId}`,
    waitMs: 0,
    clock: {
      monotonicMs: () => nowMs,
      sleep: async (ms) => {
        nowMs += ms;
        await duringSleep();
      },
    },
    ...settings,
  };
}

/** As if a minute had gone by for the warehouse. */
function expire() {
  return db.warehouse.script([
    db.warehouse.dialect.compile(sql.raw("update scoreline_state.leases set expires_at = now() - interval '1 second'")),
  ]);
}

test('one run holds a lease, and the other hears who and since when', async () => {
  await takeLeases(mine, request('run-1'));
  await expect(takeLeases(theirs, request('run-2'))).rejects.toMatchObject({
    code: 'RUN_BUSY',
    message: expect.stringMatching(/^sync:leads is held by process of run-1 since \d{4}-.*Z\.$/),
  });
});

test('what is given back can be taken, with a higher number', async () => {
  const first = await takeLeases(mine, request('run-1'));
  await first.release();
  const second = await takeLeases(theirs, request('run-2'));
  await second.renew();
  await expect(first.renew()).rejects.toMatchObject({ code: 'RUN_BUSY' });
  await first.release();
  await second.renew();
});

test('the lease of a run that died can be taken a minute later, and its ghost is stopped at its next checkpoint', async () => {
  const first = await takeLeases(mine, request('run-1'));
  await first.confirm();
  await expire();
  const second = await takeLeases(theirs, request('run-2'));
  nowMs += 15_000;
  await expect(first.confirm()).rejects.toMatchObject({ code: 'RUN_BUSY' });
  await second.confirm();
});

test('several leases are taken all or none', async () => {
  await takeLeases(mine, request('run-1', { names: ['sync:b'] }));
  await expect(takeLeases(theirs, request('run-2', { names: ['sync:a', 'sync:b', 'sync:c'] }))).rejects.toMatchObject({
    details: { leases: [{ name: 'sync:b' }] },
  });
  await takeLeases(theirs, request('run-3', { names: ['sync:a', 'sync:c'] }));
});

test('of many who ask at the same moment, one gets it', async () => {
  const asked = await Promise.allSettled(
    Array.from({ length: 8 }, (_, index) => takeLeases(index % 2 === 0 ? mine : theirs, request(`run-${index}`))),
  );
  const won = asked.filter(({ status }) => status === 'fulfilled');
  expect(won.length).toBeLessThanOrEqual(1);
  const lost = asked.filter((each) => each.status === 'rejected');
  for (const { reason } of lost) expect(reason).toMatchObject({ code: 'RUN_BUSY' });
});

test('who waits gets the lease when it is given back, and is turned away when the time is up', async () => {
  const first = await takeLeases(mine, request('run-1'));
  await expect(takeLeases(theirs, request('run-2', { waitMs: 12_000 }))).rejects.toMatchObject({ code: 'RUN_BUSY' });
  expect(nowMs).toBe(10_000);
  duringSleep = () => first.release();
  const second = await takeLeases(theirs, request('run-2', { waitMs: 12_000 }));
  await second.renew();
});

test('a lease is renewed until it is given back', async () => {
  let sleeps = 0;
  const lease = await takeLeases(
    mine,
    request('run-1', {
      clock: {
        monotonicMs: () => nowMs,
        sleep: async (ms) => {
          nowMs += ms;
          sleeps += 1;
          if (sleeps === 3) await lease.release();
          else await expire();
        },
      },
    }),
  );
  await lease.keepAlive();
  expect(sleeps).toBe(3);
  await takeLeases(theirs, request('run-2'));
});
