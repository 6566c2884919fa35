import { sql } from 'kysely';
import type { HubSpot } from '../../src/hubspot/types.ts';
import type { Model, ScorecardModel } from '../../src/project/model-types.ts';
import type { SourceFile } from '../../src/project/setting-types.ts';
import { defaultGuards } from '../../src/project/shapes/guards-schema.ts';
import type { Sync, SyncList, SyncProperty } from '../../src/project/sync-types.ts';
import { openState } from '../../src/state/open-state.ts';
import { finishRun, startRun } from '../../src/state/run-records.ts';
import { type State, stateTable } from '../../src/state/state.ts';
import type { StateTableName } from '../../src/state/tables.ts';
import { applyPlan } from '../../src/sync/apply-plan.ts';
import { type PlanSyncRequest, planSync } from '../../src/sync/plan-sync.ts';
import type { Plan, SyncResult } from '../../src/sync/plan-types.ts';
import type { Row, Warehouse } from '../../src/warehouse/port.ts';
import { FakeHubSpot } from './fake-hubspot.ts';
import { nothingSpent } from './nothing-spent.ts';
import { openTempWarehouse, testWarehouse } from './temp-warehouse.ts';

/** A file whose keys all stand at line 1, column 1. */
export const syncFile: SourceFile = { path: 'syncs/leads.yml', text: '', locate: () => ({ line: 1, column: 1 }) };

export const leadScore: ScorecardModel = {
  name: 'lead_score',
  file: { ...syncFile, path: 'models/lead_score.yml' },
  description: 'How much this person uses the product',
  tags: [],
  params: {},
  columns: [],
  tests: [],
  kind: 'scorecard',
  entity: 'lead',
  base: 0,
  groups: new Map(),
  rules: [
    { kind: 'attribute', id: 'director', label: 'Director or above', points: 30, when: 'true' },
    { kind: 'attribute', id: 'silent', label: 'Silent for a month', points: -10, when: 'true' },
  ],
  tiers: [{ name: 'hot', at: 60 }, { name: 'warm', at: 30 }, { name: 'cold' }],
  disqualify: [],
  segments: [],
  round: 0.01,
};

export function property(name: string, settings: Partial<SyncProperty> = {}): SyncProperty {
  return {
    name,
    column: name,
    type: 'string',
    field: 'text',
    label: name,
    withChangesOnly: false,
    nulls: 'skip',
    adopt: false,
    write: 'always',
    ...settings,
  };
}

export const scoreProperty = property('lead_score', { column: 'score', type: 'number', field: 'number' });
export const tierProperty = property('lead_tier', { column: 'tier', type: 'enumeration', field: 'select' });
export const scoredAtProperty = property('lead_scored_at', {
  column: 'as_of',
  type: 'datetime',
  field: 'date',
  withChangesOnly: true,
});

export function leadSync(settings: Partial<Sync> = {}): Sync {
  return {
    name: 'leads',
    file: syncFile,
    tags: [],
    object: 'contacts',
    models: ['lead_score'],
    match: { property: 'email', column: 'email' },
    mode: 'upsert',
    removed: settings.mode === 'mirror' ? 'clear' : 'keep',
    recreate: false,
    announce: 'behaviour',
    nulls: 'skip',
    properties: [scoreProperty, tierProperty],
    propertyGroup: 'scoreline',
    lists: [],
    guards: defaultGuards,
    ...settings,
  };
}

export const hotLeads: SyncList = { id: 'hot_leads', name: 'Hot leads', audience: 'hot_leads' };

const scoredTable = { schema: 'scoreline', name: 'lead_score' };

/** How planning reads the model's table, and the audience of those whose tier is hot. */
export async function scoredLeads(
  warehouse: Warehouse,
  { exclude, priority }: Pick<Sync, 'exclude' | 'priority'> = {},
): Promise<Pick<PlanSyncRequest, 'scored' | 'audiences'>> {
  const relation = warehouse.dialect.relation(scoredTable);
  const select = sql`select *, ${sql.raw(exclude?.when ?? 'false')} as is_excluded, ${sql.raw(priority ?? 'false')} as is_first
from ${relation}`;
  const columns = await warehouse.describe(warehouse.dialect.compile(select));
  return {
    scored: {
      select,
      columns,
      key: ['lead_id'],
      ...(exclude !== undefined && { excludedColumn: 'is_excluded' }),
      ...(priority !== undefined && { firstColumn: 'is_first' }),
    },
    audiences: new Map([
      ['hot_leads', { select: sql`select lead_id from ${relation} where tier = 'hot'`, key: 'lead_id' }],
    ]),
  };
}

/** A warehouse with a state and a model's table, and a HubSpot; runs go through the same steps as the commands. */
export interface SyncWorld {
  readonly warehouse: Warehouse;
  readonly state: State;
  readonly hubspot: FakeHubSpot;
  /** Replaces the model's table: a SELECT with lead_id, email, score, tier and whatever the sync reads. */
  score(select: string): Promise<void>;
  /** The same from rows of `lead_id, email, score, tier`. */
  leads(
    ...rows: readonly (readonly [id: string, email: string | null, score: number | null, tier?: string])[]
  ): Promise<void>;
  plan(sync: Sync, options?: RunOptions): Promise<Plan>;
  apply(plan: Plan, options?: RunOptions): Promise<SyncResult>;
  /** Plans and applies. */
  run(sync: Sync, options?: RunOptions): Promise<SyncResult>;
  /** Moves the clock on. */
  passHours(hours: number): void;
  /** Rows of a state table. */
  table(name: StateTableName): Promise<readonly Row[]>;
  dispose(): Promise<void>;
}

export interface RunOptions {
  readonly hubspot?: HubSpot;
  readonly model?: Model;
  readonly asOf?: string;
  readonly signal?: AbortSignal;
  readonly warehouse?: Warehouse;
  /** The same tables opened again. */
  readonly state?: State;
  readonly maxRows?: number;
}

export async function openSyncWorld({ timeZone = 'UTC', warehouse: kind = testWarehouse() } = {}): Promise<SyncWorld> {
  const { warehouse, dispose } = await openTempWarehouse(timeZone, kind);
  const state = await openState(warehouse, { schema: 'scoreline' });
  const hubspot = new FakeHubSpot();
  let runs = 0;
  let seconds = 0;
  const now = () => new Date(Date.UTC(2026, 0, 31, 8, 0, seconds++));

  async function start(sync: string): Promise<string> {
    const runId = `run-${++runs}`;
    const at = now().toISOString();
    await startRun(state, {
      runId,
      command: 'run',
      target: 'test',
      asOf: at,
      startedAt: at,
      syncs: [sync],
      supersede: false,
    });
    return runId;
  }

  async function during<T>(sync: string, work: (runId: string) => Promise<T>): Promise<T> {
    const runId = await start(sync);
    try {
      const result = await work(runId);
      await finishRun(state, { runId, endedAt: now().toISOString(), status: 'finished', spent: nothingSpent });
      return result;
    } catch (error) {
      await finishRun(state, { runId, endedAt: now().toISOString(), status: 'failed', spent: nothingSpent });
      throw error;
    }
  }

  async function makePlan(sync: Sync, runId: string, options: RunOptions): Promise<Plan> {
    const asOf = options.asOf ?? '2026-01-31T00:00:00.000Z';
    return planSync({
      state: { ...(options.state ?? state), ...(options.warehouse && { warehouse: options.warehouse }) },
      hubspot: options.hubspot ?? hubspot,
      sync,
      models: [options.model ?? leadScore],
      ...(await scoredLeads(warehouse, sync)),
      modelBuild: 'build-1',
      asOf: { instant: asOf, day: asOf.slice(0, 10) },
      runId,
      now,
      signal: options.signal,
    });
  }

  function applyNow(plan: Plan, runId: string, options: RunOptions): Promise<SyncResult> {
    return applyPlan({
      state: { ...(options.state ?? state), ...(options.warehouse && { warehouse: options.warehouse }) },
      hubspot: options.hubspot ?? hubspot,
      plan,
      runId,
      now,
      signal: options.signal,
      maxRows: options.maxRows,
    });
  }

  return {
    warehouse,
    state,
    hubspot,
    score: async (select) => {
      await warehouse.createTable(
        { schema: 'scoreline', name: 'lead_score' },
        warehouse.dialect.compile(sql.raw(select)),
      );
    },
    async leads(...rows) {
      const values = rows.map(
        ([id, email, score, tier = null]) =>
          sql`(${sql.lit(id)}, ${sql.lit(email)}, ${sql.lit(score)}, ${sql.lit(tier)})`,
      );
      const select = sql`select lead_id, cast(email as varchar) as email, cast(score as decimal(18, 2)) as score,
  cast(tier as varchar) as tier from (values ${sql.join(values)}) v (lead_id, email, score, tier)`;
      await warehouse.createTable(scoredTable, warehouse.dialect.compile(select));
    },
    plan: (sync, options = {}) => during(sync.name, (runId) => makePlan(sync, runId, options)),
    apply: (plan, options = {}) => during(plan.sync, (runId) => applyNow(plan, runId, options)),
    run: (sync, options = {}) =>
      during(sync.name, async (runId) => applyNow(await makePlan(sync, runId, options), runId, options)),
    table: async (name) => {
      const rows = await warehouse.query(warehouse.dialect.compile(sql`select * from ${stateTable(state, name)}`));
      return rows.toSorted(byAllColumns);
    },
    passHours: (hours) => {
      seconds += hours * 3600;
    },
    dispose,
  };
}

/** By the first column that differs; nulls last, texts by their code points. */
function byAllColumns(a: Row, b: Row): number {
  for (const [name, one] of Object.entries(a)) {
    const other = b[name] ?? null;
    if (one === other) continue;
    if (one === null || other === null) return one === null ? 1 : -1;
    if (typeof one === 'number' && typeof other === 'number') return one - other;
    return String(one) < String(other) ? -1 : 1;
  }
  return 0;
}
