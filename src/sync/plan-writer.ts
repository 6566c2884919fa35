import { sql } from 'kysely';
import type { Account, HubSpot } from '../hubspot/types.ts';
import type { Sync } from '../project/sync-types.ts';
import type { AsOf } from '../sql/types.ts';
import { runScript, type State, stateRelation, stateTable } from '../state/state.ts';
import { stateTables } from '../state/tables.ts';
import type { Value } from '../warehouse/port.ts';
import { CheckpointBuffer } from './checkpoint-buffer.ts';
import { previousPlan } from './guard-facts.ts';
import { composePlan, insertDraft } from './plan-sync.ts';
import type { Plan, SchemaChanges } from './plan-types.ts';
import type { RowValues } from './row-payload.ts';
import { summarisePlan } from './summarise-plan.ts';

export interface PlanWriterRequest {
  readonly state: State;
  readonly hubspot: HubSpot;
  readonly sync: Sync;
  readonly account: Account;
  readonly runId: string;
  readonly asOf: AsOf;
  readonly now: () => Date;
  readonly signal?: AbortSignal;
  /** Columns that are personal data: values of their properties are hidden in examples. */
  readonly personalColumns?: ReadonlySet<string>;
}

/**
 * Marks a snapshot that is no build of the model any more: the next plan compares its values one by one. Not null, which
 * would mean that the values themselves are in doubt.
 */
export const rolledBackHash = 'rolled back';

/** A record to write, as `plan_rows` freezes it. */
export interface RestoredRow {
  readonly operation: 'update' | 'clear';
  readonly modelKey: string;
  readonly recordId: string;
  readonly identityId: string;
  /** Names of the properties to send. */
  readonly changed: readonly string[];
  /** Those of them over whose values of others it writes. */
  readonly adopted?: readonly string[];
  /** All values as HubSpot will hold them. */
  readonly rowValues: RowValues;
  /** Those of them that are not others'; absent: all. */
  readonly ownValues?: RowValues;
  /** The values that HubSpot holds now. */
  readonly oldValues: RowValues;
  /** Null where other values of the record are in doubt. */
  readonly valuesHash: string | null;
  readonly companionsHash: string | null;
  readonly tier: string | null;
  readonly oldTier: string | null;
}

/** A list's member to add or remove. */
export interface RestoredMember {
  readonly list: string;
  readonly operation: 'add' | 'remove';
  readonly modelKey: string;
  readonly recordId: string;
}

export interface WrittenList {
  /** The key in the sync's file. */
  readonly list: string;
  readonly name: string;
  /** Null where the plan makes it again. */
  readonly listId: string | null;
}

const noSchemaChanges: SchemaChanges = { group: null, properties: [], options: [] };

/**
 * Freezes a plan whose operations are found row by row, and not by comparing a model: what an audit mends and what a
 * rollback restores. The plan is printed and applied as any other. `begin`, `add` any number of times, `finish`.
 */
export class PlanWriter {
  readonly #request: PlanWriterRequest;
  readonly #planId: string;
  readonly #rows: CheckpointBuffer<readonly Value[]>;

  constructor(request: PlanWriterRequest) {
    const { state, runId, sync } = request;
    this.#request = request;
    this.#planId = `${runId}-${sync.name}`;
    this.#rows = new CheckpointBuffer(state.warehouse.capabilities, async (rows) => {
      await state.warehouse.append(stateRelation(state.schema, 'plan_rows'), stateTables.plan_rows.columns, rows, {
        purpose: `freeze ${rows.length} operations of ${sync.name}`,
      });
    });
  }

  async begin(): Promise<void> {
    const { state, sync, account, runId, signal } = this.#request;
    const draft = insertDraft({ ...this.#request, modelBuild: runId }, this.#planId, account);
    await runScript(state, `begin a plan of ${sync.name}`, signal, [draft]);
  }

  add(rows: readonly RestoredRow[]): Promise<void> {
    return this.#rows.add(
      rows.map((row) =>
        this.#values({
          operation: row.operation,
          model_key: row.modelKey,
          record_id: row.recordId,
          identity_id: row.identityId,
          changed: row.changed.join(','),
          adopted: row.adopted?.join(',') ?? null,
          row_values: JSON.stringify(row.rowValues),
          own_values: row.ownValues === undefined ? null : JSON.stringify(row.ownValues),
          old_values: JSON.stringify(row.oldValues),
          values_hash: row.valuesHash,
          companions_hash: row.companionsHash,
          tier: row.tier,
          old_tier: row.oldTier,
        }),
      ),
    );
  }

  addMembers(members: readonly RestoredMember[]): Promise<void> {
    return this.#rows.add(
      members.map(({ list, operation, modelKey, recordId }) =>
        this.#values({ list, operation, model_key: modelKey, record_id: recordId }),
      ),
    );
  }

  /** Stops the checkpoints' timer, where the plan is given up. */
  cancel(): Promise<void> {
    return this.#rows.cancel();
  }

  /** @param unchanged rows that were looked at and stay as they are */
  async finish(unchanged: number, lists: readonly WrittenList[]): Promise<Plan> {
    const { state, sync, account, signal } = this.#request;
    await this.#rows.flush();
    const plans = stateTable(state, 'plans');
    const rows = sql`(
  select count(*) as updates from ${stateTable(state, 'plan_rows')}
  where plan_id = ${this.#planId} and list is null and operation = 'update'
)`;
    await runScript(state, `count the plan of ${sync.name}`, signal, [
      sql`merge into ${plans} t
using (select * from ${previousPlan(state, this.#planId)} v cross join ${rows} r) s
on t.plan_id = ${this.#planId}
when matched then update set model_rows = s.updates + ${unchanged}, bad_keys = 0, unchanged_rows = ${unchanged},
  suppressed_rows = 0, excluded_rows = 0, tiered_rows = 0, properties = s.properties,
  new_properties = case when s.status = 'applied' then '' else s.new_properties end`,
      // It holds no newer scores than the plan before did.
      sql`update ${plans} set as_of = (
  select max(b.as_of) from ${plans} b
  where b.plan_id in (select m.previous_plan_id from ${plans} m where m.plan_id = ${this.#planId})
)
where plan_id = ${this.#planId}`,
    ]);
    const scope = { state, planId: this.#planId, portalId: account.portalId, sync };
    const summary = await summarisePlan(scope, signal);
    const none = { adds: 0, removes: 0, missing: 0, rejected: 0 };
    // Guards are about what a model does of its own accord; this plan somebody has asked for.
    const { facts: _facts, ...plan } = composePlan(this.#request, {
      planId: this.#planId,
      account,
      summary,
      schema: noSchemaChanges,
      lists: lists.map((list) => ({ ...list, ...(summary.members.get(list.list) ?? none) })),
    });
    await runScript(state, `keep the plan of ${sync.name}`, signal, [
      sql`update ${plans} set status = 'open', digest = ${plan.digest}, summary = ${JSON.stringify(plan)}
where plan_id = ${this.#planId}`,
    ]);
    return plan;
  }

  #values(row: Readonly<Record<string, Value>>): readonly Value[] {
    const whole: Readonly<Record<string, Value>> = { plan_id: this.#planId, verdict: 'send', priority: 1, ...row };
    return stateTables.plan_rows.columns.map(({ name }) => whole[name] ?? null);
  }
}
