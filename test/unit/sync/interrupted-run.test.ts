import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ScorelineError } from '../../../src/errors/scoreline-error.ts';
import { forget } from '../../../src/state/forget.ts';
import { startRun } from '../../../src/state/run-records.ts';
import { stateTable } from '../../../src/state/state.ts';
import { applyPlan } from '../../../src/sync/apply-plan.ts';
import type { Warehouse } from '../../../src/warehouse/port.ts';
import { dyingWarehouse } from '../../support/dying-warehouse.ts';
import { slowWarehouse } from '../../support/slow-warehouse.ts';
import {
  hotLeads,
  leadSync,
  openSyncWorld,
  type SyncWorld,
  scoredAtProperty,
  scoreProperty,
  tierProperty,
} from '../../support/sync-world.ts';

let world: SyncWorld;
beforeEach(async () => {
  world = await openSyncWorld();
});
afterEach(() => world.dispose());

/** As many leads, of which each has a score of its own. */
function manyLeads(count: number, bonus = 0) {
  return world.score(`select 'k' || i as lead_id, 'p' || i || '@one.example' as email, cast(i + ${bonus} as integer) as score,
    'hot' as tier from range(${count}) r (i)`);
}

test('an interruption lets the requests in flight end, keeps what was accepted, and the next run does the rest', async () => {
  await manyLeads(3000);
  const interruption = new AbortController();
  let calls = 0;
  world.hubspot.beforeWrite = () => {
    calls += 1;
    if (calls === 20) interruption.abort(new Error('SIGINT'));
  };
  await expect(world.run(leadSync(), { signal: interruption.signal })).rejects.toMatchObject({
    code: 'RUN_INTERRUPTED',
  });
  const created = world.hubspot.stored('contacts').length;
  expect(created).toBeGreaterThan(0);
  expect(created).toBeLessThan(3000);
  expect(await world.table('snapshot')).toHaveLength(created);
  expect((await world.table('plans')).map((row) => row.status)).toEqual(['partial']);
  world.hubspot.beforeWrite = () => {};
  expect(await world.run(leadSync())).toMatchObject({ created: 3000 - created, unchanged: created });
  expect(world.hubspot.stored('contacts').every(({ writes }) => writes === 1)).toBe(true);
});

test('a HubSpot that goes away ends the run, and what it had accepted is remembered', async () => {
  await manyLeads(2500);
  let calls = 0;
  world.hubspot.beforeWrite = () => {
    calls += 1;
    if (calls > 10) throw new Error('connection refused');
  };
  await expect(world.run(leadSync())).rejects.toThrow('connection refused');
  expect(world.hubspot.stored('contacts')).toHaveLength(1000);
  expect(await world.table('snapshot')).toHaveLength(1000);
  world.hubspot.beforeWrite = () => {};
  expect(await world.run(leadSync())).toMatchObject({ created: 1500, unchanged: 1000 });
});

test('rows left when the quota is spent are deferred, not attempted, and done by the next run', async () => {
  const sync = leadSync({ lists: [hotLeads] });
  await manyLeads(5000);
  world.hubspot.beforeWrite = () => {
    if (world.hubspot.stored('contacts').length >= 300) world.hubspot.spentUntil = new Date('2026-02-01T00:00:00Z');
  };
  const result = await world.run(sync);
  expect(result.created + result.deferred).toBe(5000);
  expect(result).toMatchObject({ planned: 5000, retry_after: '2026-02-01T00:00:00.000Z' });
  expect(result.lists).toMatchObject([{ added: 0, deferred: 5000 }]);
  expect(world.hubspot.writes.length).toBeLessThan(40);
  world.hubspot.beforeWrite = () => {};
  world.hubspot.spentUntil = null;
  expect(await world.run(sync)).toMatchObject({ created: result.deferred, unchanged: result.created });
});

test('what a killed run wrote to the ledger is folded when the next one starts', async () => {
  await manyLeads(10);
  const plan = await world.plan(leadSync());
  // Killed between its last checkpoint and the folding.
  const dying = {
    ...slowWarehouse(world.warehouse, { secondsPerStatement: 0 }),
    script: (...[statements, options]: Parameters<Warehouse['script']>) =>
      options?.purpose?.startsWith('fold')
        ? Promise.reject(new Error('killed'))
        : world.warehouse.script(statements, options),
  };
  await startRun(world.state, {
    runId: 'dead',
    command: 'run',
    target: 'test',
    asOf: '2026-01-31T00:00:00Z',
    startedAt: '2026-01-31T08:00:00Z',
    syncs: ['leads'],
    supersede: false,
  });
  await expect(world.apply(plan, { warehouse: dying })).rejects.toThrow('killed');
  expect(world.hubspot.stored('contacts')).toHaveLength(10);
  expect(await world.run(leadSync())).toMatchObject({ planned: 0, unchanged: 10 });
  const statuses = new Map((await world.table('runs')).map((row) => [row.run_id, row.status]));
  expect(statuses.get('dead')).toBe('killed');
});

test('rows written but not yet in the ledger are read and found as they should be, and no record is made twice', async () => {
  await manyLeads(400);
  const plan = await world.plan(leadSync());
  const dying = {
    ...slowWarehouse(world.warehouse, { secondsPerStatement: 0 }),
    append: () => Promise.reject(new Error('killed')),
  };
  await expect(world.apply(plan, { warehouse: dying })).rejects.toThrow('killed');
  expect(world.hubspot.stored('contacts')).toHaveLength(400);
  expect(await world.run(leadSync())).toMatchObject({ created: 0, updated: 0, unchanged: 400 });
  expect(world.hubspot.stored('contacts').map(({ writes }) => writes)).toEqual(Array(400).fill(1));
  expect(await world.table('snapshot')).toHaveLength(400);
});

test('values written but not yet in the ledger count as ours when the model has moved on', async () => {
  await world.leads(['1', 'ann@one.example', 50, 'warm']);
  const plan = await world.plan(leadSync());
  const dying = {
    ...slowWarehouse(world.warehouse, { secondsPerStatement: 0 }),
    append: () => Promise.reject(new Error('killed')),
  };
  await expect(world.apply(plan, { warehouse: dying })).rejects.toThrow('killed');
  await world.leads(['1', 'ann@one.example', 60, 'hot']);
  expect(await world.run(leadSync())).toMatchObject({ updated: 1 });
  expect(world.hubspot.values('contacts')).toEqual({ 'ann@one.example': { lead_score: '60', lead_tier: 'hot' } });
});

describe('a write without an answer is made again, even if the model is back to what it was', () => {
  async function scoreThen(score: number, apply: () => Promise<void>) {
    await world.leads(['1', 'ann@one.example', 50, 'warm'], ['2', 'bob@two.example', 5, 'cold']);
    await world.run(leadSync());
    await world.leads(['1', 'ann@one.example', score, 'warm'], ['2', 'bob@two.example', 5, 'cold']);
    await apply();
    await world.leads(['1', 'ann@one.example', 50, 'warm'], ['2', 'bob@two.example', 5, 'cold']);
    expect(await world.run(leadSync())).toMatchObject({ planned: 1, updated: 1, unchanged: 1 });
    expect(world.hubspot.values('contacts')['ann@one.example']).toEqual({ lead_score: '50', lead_tier: 'warm' });
    expect(await world.run(leadSync())).toMatchObject({ planned: 0, unchanged: 2 });
  }

  test('because the process died before it wrote it down', () =>
    scoreThen(51, async () => {
      const dying = {
        ...slowWarehouse(world.warehouse, { secondsPerStatement: 0 }),
        append: () => Promise.reject(new Error('killed')),
      };
      const plan = await world.plan(leadSync());
      await expect(world.apply(plan, { warehouse: dying })).rejects.toThrow('killed');
      expect(world.hubspot.values('contacts')['ann@one.example']).toMatchObject({ lead_score: '51' });
    }));

  test('because the answer was lost on its way', () =>
    scoreThen(51, async () => {
      const { write } = world.hubspot.records;
      world.hubspot.records.write = async (request, signal) => {
        await write(request, signal);
        return request.records.map(() => ({ kind: 'deferred', reason: 'the connection broke' }));
      };
      expect(await world.run(leadSync())).toMatchObject({ planned: 1, deferred: 1 });
      world.hubspot.records.write = write;
    }));
});

test('what a row was found to hold is remembered, where it is not worth a write', async () => {
  const sync = leadSync({ properties: [scoreProperty, tierProperty, scoredAtProperty] });
  const lead = (score: number, day: string) =>
    world.score(`select '1' as lead_id, 'ann@one.example' as email, ${score} as score, 'warm' as tier,
      timestamptz '2026-01-${day} 00:00:00+00' as as_of`);
  await lead(50, '10');
  await world.run(sync);
  // Sent, and neither done nor answered.
  await lead(60, '11');
  const { write } = world.hubspot.records;
  world.hubspot.records.write = async ({ records }) => records.map(() => ({ kind: 'deferred', reason: 'broken' }));
  expect(await world.run(sync)).toMatchObject({ deferred: 1 });
  world.hubspot.records.write = write;

  await lead(50, '12');
  expect(await world.run(sync)).toMatchObject({ planned: 0, suppressed: 1 });
  const [kept] = await world.table('snapshot');
  expect(JSON.parse(String(kept?.property_values))).toEqual(world.hubspot.values('contacts')['ann@one.example']);
});

test('what is known of a call that ended the run is written down', async () => {
  await manyLeads(5);
  const { write } = world.hubspot.records;
  const failure = new ScorelineError('DESTINATION_UNAUTHORIZED', 'the token was taken back');
  world.hubspot.records.write = async (request, signal) => {
    const [, ...others] = await write(request, signal);
    return [{ kind: 'deferred', reason: failure.message, failure }, ...others];
  };
  await expect(world.run(leadSync())).rejects.toBe(failure);
  world.hubspot.records.write = write;
  const outcomes = (await world.table('ledger')).map(({ outcome }) => outcome);
  expect(outcomes.toSorted()).toEqual(['created', 'created', 'created', 'created', 'deferred']);
});

test('a plan applied again sends nothing a second time', async () => {
  await manyLeads(5);
  const plan = await world.plan(leadSync({ lists: [hotLeads] }));
  const first = await world.apply(plan);
  const writes = world.hubspot.writes.length;
  const { lists, created, planned } = await world.apply(plan);
  expect({ lists, created, planned }).toEqual({ lists: first.lists, created: 5, planned: 5 });
  expect(world.hubspot.writes.slice(writes).filter(({ call }) => call === 'create')).toEqual([]);
});

test('counts that do not hold fail loudly', async () => {
  await manyLeads(5);
  const plan = await world.plan(leadSync());
  const { dialect } = world.warehouse;
  await world.warehouse.script([
    dialect.compile(sql`update ${stateTable(world.state, 'plans')} set unchanged_rows = unchanged_rows + 1 where true`),
  ]);
  await expect(world.apply(plan)).rejects.toThrow(/counts of plan .* do not hold: .*: 5 is not 6/);
});

test('a person who is forgotten after an apply died closes its plan, and the next run does the rest', async () => {
  await world.leads(['1', 'ann@one.example', 50, 'warm'], ['2', 'bob@two.example', 12, 'warm']);
  const plan = await world.plan(leadSync());
  const at = '2026-01-31T08:00:00Z';
  await startRun(world.state, {
    runId: 'dead',
    command: 'apply',
    target: 'test',
    asOf: at,
    startedAt: at,
    syncs: ['leads'],
    supersede: false,
  });
  await expect(
    applyPlan({
      state: { ...world.state, warehouse: dyingWarehouse(world.warehouse) },
      hubspot: world.hubspot,
      plan,
      runId: 'dead',
      now: () => new Date('2026-01-31T08:30:00Z'),
    }),
  ).rejects.toThrow('killed');
  await forget(world.state, {
    object: 'contacts',
    value: 'ann@one.example',
    properties: ['email'],
    at: '2026-02-01T08:00:00.000Z',
  });
  expect((await world.table('plans')).map((row) => row.status)).toEqual(['superseded']);
  expect(await world.run(leadSync())).toMatchObject({ excluded: 1, planned: 0, unchanged: 1 });
});
