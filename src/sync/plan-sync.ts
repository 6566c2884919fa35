import { sql } from 'kysely';
import { errorOfProblems, type Problem, ScorelineError } from '../errors/scoreline-error.ts';
import { scorelineKeyProperty } from '../hubspot/records/scoreline-key.ts';
import type { Account, HubSpot } from '../hubspot/types.ts';
import type { Model } from '../project/model-types.ts';
import type { Sync } from '../project/sync-types.ts';
import { inTierOrder } from '../project/tier-order.ts';
import type { AsOf, Fragment } from '../sql/types.ts';
import { textOf } from '../state/row-values.ts';
import { instant, nullableText, runScript, type State, stateTable } from '../state/state.ts';
import { checkAccount } from './check-account.ts';
import { checkColumns } from './check-columns.ts';
import { checkPropertyLimit } from './check-property-limit.ts';
import { clearRows } from './clear-rows.ts';
import { clearingProperties } from './clearing-properties.ts';
import { decideMembers, type SyncAudience } from './decide-members.ts';
import { decideRows, endDeciding } from './decide-rows.ts';
import { findChanges } from './find-changes.ts';
import { findLists } from './find-lists.ts';
import { rowsToLookUp } from './gather-facts.ts';
import { hidePersonal } from './hide-personal.ts';
import { leaveForgotten } from './leave-forgotten.ts';
import { learnLookups, lookUpRecords } from './look-up-records.ts';
import type { Plan, PlanCost, PlannedList, SchemaChanges } from './plan-types.ts';
import { decideSchema } from './schema-changes.ts';
import { digestPlan, type PlanSummary, summarisePlan } from './summarise-plan.ts';
import { keyText, type SyncModel } from './sync-model.ts';
import { tierNames } from './tier-names.ts';

export interface PlanSyncRequest {
  readonly state: State;
  readonly hubspot: HubSpot;
  readonly sync: Sync;
  /** The sync's models: their declarations, and how they are read. */
  readonly models: readonly Model[];
  readonly scored: SyncModel;
  /** Audience → its members; all that the sync's lists name. */
  readonly audiences: ReadonlyMap<string, SyncAudience>;
  /** Names the build of the model that the plan is made from. */
  readonly modelBuild: string;
  /** What the rows of a scored model say of themselves. */
  readonly modelVersion?: string;
  /** See `Plan.reads`. */
  readonly reads?: readonly string[];
  /** Columns whose values the plan does not show. */
  readonly personalColumns?: ReadonlySet<string>;
  readonly asOf: AsOf;
  readonly runId: string;
  readonly now: () => Date;
  readonly signal?: AbortSignal;
  /** Called with the number of match values looked up so far. */
  readonly onLookUp?: (done: number) => void;
}

/**
 * Compares a model with the snapshot and freezes what a sync would change. Reads HubSpot and writes the state, never
 * HubSpot. Beside the streams it takes 6 round trips to the warehouse at most (one more for each further checkpoint of
 * look-ups). `startRun` comes before.
 * @throws SYNC_INVALID with all problems; GUARD_TEST_FAILED where the model's key is null or repeated; DESTINATION_*,
 * WAREHOUSE_*, RUN_INTERRUPTED
 */
export async function planSync(request: PlanSyncRequest): Promise<Plan> {
  const { state, hubspot, sync, scored, signal } = request;
  throwProblems(checkColumns(sync, scored));
  const account = await hubspot.account(signal);
  const schema = await planSchema(request);
  const lists = await findLists({ state, hubspot, sync, portalId: account.portalId, signal });
  throwProblems([...schema.problems, ...lists.problems]);

  const planId = `${request.runId}-${sync.name}`;
  const made = new Set(schema.changes.properties.map(({ name }) => name));
  const scope = { state, planId, portalId: account.portalId, sync, model: scored, made };
  await runScript(state, `compare ${namesOf(sync)} with the snapshot of ${sync.name}`, signal, [
    insertDraft(request, planId, account),
    ...findChanges({ ...scope, options: schema.options }),
  ]);
  await lookUpRecords({
    state,
    hubspot,
    planId,
    object: sync.object,
    property: sync.match.property,
    wanted: rowsToLookUp(scope),
    properties: schema.existing,
    now: request.now,
    signal,
    onProgress: request.onLookUp,
  });
  await runScript(state, `freeze the plan of ${sync.name}`, signal, [
    ...learnLookups(state, account.portalId, planId),
    ...leaveForgotten(scope, request.now()),
    ...decideRows(scope),
    ...clearRows(scope),
    ...lists.found.flatMap(({ list, listId, oldKey }) =>
      decideMembers({ ...scope, list: list.id, oldKey, listId, audience: audienceOf(request, list.audience) }),
    ),
    ...endDeciding(scope),
  ]);
  const summary = await summarisePlan(scope, signal);
  if (summary.badKeys > 0) await throwBadKeys(request);
  const plan = composePlan(request, {
    planId,
    account,
    summary,
    schema: schema.changes,
    lists: lists.found.map(({ list, listId, oldKey }) => ({
      list: list.id,
      ...(oldKey !== undefined && { oldKey }),
      name: list.name,
      listId,
      ...(summary.members.get(list.id) ?? { adds: 0, removes: 0, missing: 0, rejected: 0 }),
    })),
  });
  await checkAccount({ hubspot, plan, signal });
  await runScript(state, `keep the plan of ${sync.name}`, signal, [
    sql`update ${stateTable(state, 'plans')} set status = 'open', digest = ${plan.digest}, summary = ${JSON.stringify(plan)},
  properties = ${sync.properties.map(({ name }) => name).join()}, clearing_properties = ${clearingProperties(sync).join()}, new_properties = ${summary.facts.newProperties.join()}
where plan_id = ${planId}`,
  ]);
  return plan;
}

async function planSchema({ hubspot, sync, models, signal }: PlanSyncRequest) {
  const createsByKey = sync.mode !== 'update' && sync.object === 'companies' && sync.match.property === 'domain';
  const ownProperties = createsByKey ? [scorelineKeyProperty] : [];
  const propertyNames = [...sync.properties.map(({ name }) => name), ...ownProperties.map(({ name }) => name)];
  const [properties, groups] = await Promise.all([
    hubspot.schema.readProperties(sync.object, propertyNames, signal),
    hubspot.schema.readGroups(sync.object, signal),
  ]);
  const decision = decideSchema({
    sync,
    models,
    properties,
    groups,
    ownProperties,
  });
  const limits = await checkPropertyLimit({ hubspot, sync, properties, changes: decision.changes, signal });
  const there = new Set(properties.map(({ name }) => name));
  return {
    ...decision,
    problems: [...decision.problems, ...limits],
    existing: sync.properties.filter(({ name }) => there.has(name)),
  };
}

type DraftRequest = Pick<PlanSyncRequest, 'state' | 'sync' | 'modelBuild' | 'modelVersion' | 'asOf' | 'runId' | 'now'>;

/** A statement that makes the plan's own row. */
export function insertDraft(
  { state, sync, modelBuild, modelVersion, asOf, runId, now }: DraftRequest,
  planId: string,
  account: Account,
): Fragment {
  const plans = stateTable(state, 'plans');
  const portalId = account.portalId;
  return sql`insert into ${plans} (plan_id, run_id, portal_id, sync, object, model, model_build, model_version, previous_plan_id, as_of,
  created_at, status)
select ${nullableText(state, planId)}, ${nullableText(state, runId)}, ${portalId}, ${nullableText(state, sync.name)},
  ${nullableText(state, sync.object)}, ${nullableText(state, namesOf(sync))}, ${nullableText(state, modelBuild)}, ${nullableText(state, modelVersion ?? null)},
  (select max(plan_id) from ${plans} where portal_id = ${portalId} and sync = ${sync.name}
    and applied_at = (select max(applied_at) from ${plans} where portal_id = ${portalId} and sync = ${sync.name})),
  ${instant(state, asOf.instant)}, ${instant(state, now().toISOString())}, 'draft'`;
}

interface PlanParts {
  readonly planId: string;
  readonly account: Account;
  readonly summary: PlanSummary;
  readonly schema: SchemaChanges;
  readonly lists: readonly PlannedList[];
}

export function composePlan(
  request: Pick<PlanSyncRequest, 'sync' | 'hubspot' | 'runId' | 'asOf' | 'now' | 'reads' | 'personalColumns'> & {
    /** Without it, tiers have no order. */
    readonly models?: readonly Model[];
  },
  { planId, account, summary, schema, lists }: PlanParts,
): Plan {
  const { sync, models = [], hubspot, runId, asOf, now } = request;
  const { portalId, accountType, timeZone } = account;
  const tiers = tierNames(models);
  const plan = {
    planId,
    runId,
    createdAt: now().toISOString(),
    asOf: asOf.instant,
    portal: { portalId, accountType, timeZone },
    sync: sync.name,
    object: sync.object,
    model: namesOf(sync),
    mode: sync.mode,
    matchProperty: sync.match.property,
    firstSync: summary.firstSync,
    rows: summary.rows,
    tiers,
    tierMoves: inTierOrder(summary.tierMoves, tiers),
    foreign: summary.foreign,
    schema,
    lists,
    sample: hidePersonal(summary.sample, sync.properties, request.personalColumns ?? new Set()),
    rejected: summary.rejected,
    cost: estimateCost({ summary, schema, lists }, hubspot),
    facts: summary.facts,
    canary: sync.canary && {
      ...sync.canary,
      types: Object.fromEntries(sync.properties.map(({ name, type }) => [name, type])),
    },
    properties: sync.properties.map(({ name, type, adopt, write }) => ({ name, type, adopt, write })),
    reads: request.reads,
  };
  return { ...plan, digest: digestPlan(plan, summary.rowsDigest) };
}

function namesOf({ models }: Sync): string {
  return models.join(', ');
}

type CostParts = Pick<PlanParts, 'schema' | 'lists'> & { readonly summary: Pick<PlanSummary, 'facts'> };

/** What `applyPlan` sends if nothing goes wrong: 100 records a call, and creates, updates and clears apart. */
export function estimateCost({ summary, schema, lists }: CostParts, hubspot: HubSpot): PlanCost {
  const { created, changed, removed } = summary.facts;
  const rowCalls = [created, changed, removed].map(({ rows }) => Math.ceil(rows / 100));
  // A new property is made, and read until HubSpot shows it; options are read before they are set too.
  const schemaCalls = (schema.group === null ? 0 : 1) + 2 * schema.properties.length + 3 * schema.options.length;
  const { membersPerCall } = hubspot.lists;
  const listCalls = lists.map(({ listId, adds, removes }) => {
    const sharesBatch = adds % membersPerCall > 0 && removes > 0;
    // A list is looked for once more before it is made.
    return (listId === null ? 2 : 0) + Math.ceil((adds + removes) / membersPerCall) + (sharesBatch ? 1 : 0);
  });
  const calls = [...rowCalls, ...listCalls].reduce((sum, each) => sum + each, schemaCalls);
  const { burstPer10s, dailyLimit } = hubspot.usage();
  const cost = { calls, seconds: Math.ceil((calls * 10) / burstPer10s) };
  return dailyLimit === undefined ? cost : { ...cost, dailyRatio: calls / dailyLimit };
}

function audienceOf({ audiences }: PlanSyncRequest, name: string): SyncAudience {
  const audience = audiences.get(name);
  if (audience === undefined) throw new TypeError(`The audience ${name} was not handed in`);
  return audience;
}

function throwProblems(problems: readonly Problem[]): void {
  if (problems.length > 0) throw errorOfProblems(problems);
}

/** The key is tested when the model is built; joining the entity's relation can still repeat it. */
async function throwBadKeys({ state, sync, scored, signal }: PlanSyncRequest): Promise<never> {
  const { warehouse } = state;
  const key = keyText(warehouse.dialect, scored.key, 'm');
  const [example] = await warehouse.query(
    warehouse.dialect.compile(
      sql`select model_key from (select ${key} as model_key from (${scored.select}) m) keys where model_key is not null
group by model_key having count(*) > 1 order by count(*) desc, ${state.warehouse.dialect.textOrder(sql`model_key`)} limit 1`,
    ),
    { signal, purpose: `look for a repeated key in ${namesOf(sync)}` },
  );
  const what =
    example === undefined ? 'a row whose key is null' : `several rows with the key "${textOf(example, 'model_key')}"`;
  throw new ScorelineError('GUARD_TEST_FAILED', `${namesOf(sync)} has ${what} (${scored.key.join(', ')})`, {
    hint: "Make the key unique in the model and in its entity's relation. Nothing was written to HubSpot.",
  });
}
