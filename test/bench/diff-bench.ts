import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { sql } from 'kysely';
import { openState } from '../../src/state/open-state.ts';
import { instant, runScript, type State, stateTable } from '../../src/state/state.ts';
import { findChanges } from '../../src/sync/find-changes.ts';
import { openWarehouse } from '../../src/warehouse/open-warehouse.ts';
import type { Warehouse } from '../../src/warehouse/port.ts';
import { leadSync, property, scoredAtProperty, scoreProperty, tierProperty } from '../support/sync-world.ts';

export interface DiffFigures {
  readonly rows: number;
  readonly columns: number;
  readonly changedRows: number;
  /** The diff alone: from the model's rows to `candidates`, counts and identities. The best of three. */
  readonly seconds: number;
  /** Of all cores; what `seconds` would be on a machine that does other things too. */
  readonly cpuSeconds: number;
  /** What is allowed: design §9. */
  readonly barSeconds: number;
  readonly rowsPerSecond: number;
}

const sync = leadSync({
  properties: [
    { ...scoreProperty, decimals: 1 },
    tierProperty,
    scoredAtProperty,
    property('lead_reasons', { column: 'reasons', withChangesOnly: true }),
    property('logins', { type: 'number' }),
    property('seats', { type: 'number' }),
    property('share', { type: 'number' }),
    property('is_customer', { type: 'bool' }),
    property('first_seen', { type: 'date' }),
    property('segment'),
  ],
});

/** Measures the diff of a model with as many rows and ten columns, of which a share changed since the last sync. */
export async function benchDiff({ rows = 1_000_000, changedRatio = 0.01, threads = 2 } = {}): Promise<DiffFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'scoreline-bench-'));
  const settings = { type: 'duckdb' as const, path: join(folder, 'bench.duckdb'), memoryLimit: '1GB', threads };
  const warehouse = await openWarehouse(settings, { timeZone: 'UTC' });
  try {
    const state = await openState(warehouse, { schema: 'scoreline' });
    await makeModel(warehouse, rows);
    await compare(state, 'first');
    await acceptAll(state);
    await changeRows(warehouse, rows, changedRatio);
    const times: number[] = [];
    const cpuTimes: number[] = [];
    for (const planId of ['second', 'third', 'fourth']) {
      const startedAt = performance.now();
      const cpuBefore = process.cpuUsage();
      await compare(state, planId);
      const { user, system } = process.cpuUsage(cpuBefore);
      cpuTimes.push((user + system) / 1e6);
      times.push((performance.now() - startedAt) / 1000);
    }
    const seconds = Math.min(...times);
    const cpuSeconds = Math.min(...cpuTimes);
    const [found] = await warehouse.query(
      warehouse.dialect.compile(
        sql`select count(*) as n from ${stateTable(state, 'candidates')} where plan_id = 'fourth'`,
      ),
    );
    const changedRows = Number(found?.n);
    return {
      rows,
      columns: sync.properties.length,
      changedRows,
      seconds,
      cpuSeconds,
      barSeconds: 2,
      rowsPerSecond: rows / seconds,
    };
  } finally {
    await warehouse.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const relation = { schema: 'scoreline', name: 'lead_score' };

async function makeModel(warehouse: Warehouse, rows: number): Promise<void> {
  await warehouse.createTable(
    relation,
    warehouse.dialect.compile(sql`select 'lead-' || i as lead_id, 'person' || i || '@example' || (i % 5000) || '.com' as email,
  cast(hash(i) % 10000 / 100 as decimal(18, 2)) as score,
  case hash(i) % 3 when 0 then 'hot' when 1 then 'warm' else 'cold' end as tier,
  timestamptz '2026-01-30 00:00:00+00' as as_of,
  'Viewed pricing ' || (i % 9) || ' times in 90 days (+30); used the product on ' || (i % 30) || ' days (+12)' as reasons,
  i % 400 as logins, i % 1000 as seats, (hash(i) % 1000000) / 1000000 as share, i % 7 = 0 as is_customer,
  date '2020-01-01' + cast(i % 2000 as integer) as first_seen, 'segment ' || (i % 12) as segment
from range(${sql.lit(rows)}) as r (i)`),
  );
}

/** A day later: every row has another `as_of`, and a share of them another score. */
async function changeRows(warehouse: Warehouse, rows: number, changedRatio: number): Promise<void> {
  await warehouse.createTable(
    relation,
    warehouse.dialect.compile(sql`select * replace (
  case when hash(lead_id) % ${sql.lit(rows)} < ${sql.lit(rows * changedRatio)} then score + 5 else score end as score,
  as_of + interval 1 day as as_of
) from ${warehouse.dialect.relation(relation)}`),
  );
}

async function compare(state: State, planId: string): Promise<void> {
  const select = sql`select * from ${state.warehouse.dialect.relation(relation)}`;
  const columns = await state.warehouse.describe(state.warehouse.dialect.compile(select));
  await runScript(state, 'compare', undefined, [
    sql`insert into ${stateTable(state, 'plans')} (plan_id, status) values (${planId}, 'draft')`,
    ...findChanges({ state, planId, portalId: 1, sync, model: { select, columns, key: ['lead_id'] } }),
  ]);
}

/** As if HubSpot had accepted every row of the first plan. */
async function acceptAll(state: State): Promise<void> {
  await runScript(state, 'accept', undefined, [
    sql`insert into ${stateTable(state, 'snapshot')} (portal_id, sync, model_key, object, record_id, identity_id,
  property_values, values_hash, companions_hash, tier, plan_id, accepted_at)
select 1, ${sync.name}, model_key, 'contacts', 'r-' || model_key, identity_id, row_values, values_hash, companions_hash,
  tier, plan_id, ${instant(state, '2026-01-30T08:00:00Z')}
from ${stateTable(state, 'candidates')}`,
    sql`delete from ${stateTable(state, 'candidates')} where true`,
  ]);
}
