import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { errorOfProblems, type ScorelineError } from '../errors/scoreline-error.ts';
import { objectTypeIdOf } from '../hubspot/object-type-id.ts';
import type { Sync } from '../project/sync-types.ts';
import type { Fragment } from '../sql/types.ts';
import { countOf, textOf, textOrNull } from '../state/row-values.ts';
import { nullableText, type State, stateTable } from '../state/state.ts';
import type { Row } from '../warehouse/port.ts';
import {
  type CountedRows,
  changesKnownProperty,
  type GuardFacts,
  newProperties,
  parseNullRows,
  previousPlan,
} from './guard-facts.ts';
import { isNamedIn } from './names-in.ts';
import type { ForeignValues, Plan, PlannedRejection, PlanRowCounts, RowChange, TierMove } from './plan-types.ts';
import { parseValues } from './row-payload.ts';
import type { SyncModel } from './sync-model.ts';

const maxExamples = 10;

/** What the frozen rows of a plan amount to. */
export interface PlanSummary {
  readonly rows: PlanRowCounts;
  /** Keys of the model that are null or occur in several rows. */
  readonly badKeys: number;
  /** See `Plan.firstSync`. */
  readonly firstSync: boolean;
  readonly facts: GuardFacts;
  readonly tierMoves: readonly TierMove[];
  /** List → what happens to its members. */
  readonly members: ReadonlyMap<string, MemberCounts>;
  readonly foreign: readonly ForeignValues[];
  readonly sample: readonly RowChange[];
  readonly rejected: readonly PlannedRejection[];
  /** Changes with any frozen row, whatever their order. */
  readonly rowsDigest: string;
}

export interface MemberCounts {
  readonly adds: number;
  readonly removes: number;
  readonly missing: number;
  readonly rejected: number;
}

export interface SummaryRequest {
  readonly state: State;
  readonly planId: string;
  readonly portalId: number;
  readonly sync: Sync;
  /** Says what brought rows their tiers, where the model has a history. */
  readonly model?: Pick<SyncModel, 'tierCauses'>;
}

/** Reads the frozen rows back: one round trip. */
export async function summarisePlan(request: SummaryRequest, signal?: AbortSignal): Promise<PlanSummary> {
  const { warehouse } = request.state;
  const rows = await warehouse.query(warehouse.dialect.compile(summaryQuery(request)), {
    signal,
    purpose: `sum up the plan of ${request.sync.name}`,
  });
  const part = (name: string) => rows.filter((row) => row.part === name);
  const [other] = part('other_object');
  const before = other === undefined ? request.sync.object : textOf(other, 'a');
  if (objectTypeIdOf(before) !== objectTypeIdOf(request.sync.object)) throw otherObject(request.sync, before);
  const counts = (name: string, where: Readonly<Record<string, string>>) =>
    part(name)
      .filter((row) => Object.entries(where).every(([column, value]) => row[column] === value))
      .reduce((sum, row) => sum + countOf(row, 'n'), 0);
  const only = (name: string) => counts('plan', { a: name });
  const sent = (name: string, where: Readonly<Record<string, string>>): CountedRows => {
    const keys = part(name)
      .filter((row) => Object.entries(where).every(([column, value]) => row[column] === value))
      .flatMap((row) => textOrNull(row, 'c') ?? []);
    return { rows: counts(name, where), example: keys.sort()[0] ?? null };
  };
  const [previous] = part('previous');
  const ofPrevious = (column: string) => (previous === undefined ? null : textOrNull(previous, column));
  const last = { properties: ofPrevious('a'), newProperties: ofPrevious('b'), status: ofPrevious('c') };
  const fresh = newProperties(request.sync, last, only('snapshot_rows'));
  const lists = new Set(part('member').map((row) => textOf(row, 'a')));
  return {
    badKeys: only('bad_keys'),
    firstSync: only('snapshot_rows') + only('used_lists') === 0,
    facts: {
      modelRows: only('model_rows'),
      snapshotRows: only('snapshot_rows'),
      changed: sent('row', { a: 'update', b: 'send' }),
      changedInKnown: counts('plan', { a: 'changed_in_known' }),
      removed: sent('row', { a: 'clear', b: 'send' }),
      created: sent('row', { a: 'create', b: 'send' }),
      ...countTierMoves(part('tier'), only('approved_versions') > 0),
      tieredRows: only('tiered_rows'),
      nulls: parseNullRows(ofPrevious('d')),
      lists: [...lists].map((list) => ({ list, removed: counts('member', { a: list, b: 'remove', c: 'send' }) })),
      newProperties: fresh,
      allNew: only('snapshot_rows') === 0 || (fresh.length > 0 && fresh.length === request.sync.properties.length),
    },
    rows: {
      model: only('model_rows'),
      creates: counts('row', { a: 'create' }),
      updates: counts('row', { a: 'update' }),
      clears: counts('row', { a: 'clear' }),
      unchanged: only('unchanged_rows'),
      suppressed: only('suppressed_rows'),
      excluded: only('excluded_rows'),
      unmatched: counts('row', { b: 'unmatched' }),
      waiting: counts('row', { b: 'waiting' }),
      rejected: counts('row', { b: 'rejected' }),
    },
    tierMoves: parseTierMoves(part('tier')),
    members: new Map(
      [...lists].map((list) => [
        list,
        {
          adds: counts('member', { a: list, b: 'add', c: 'send' }),
          removes: counts('member', { a: list, b: 'remove' }),
          missing: counts('member', { a: list, c: 'missing' }),
          rejected: counts('member', { a: list, c: 'rejected' }),
        },
      ]),
    ),
    foreign: parseForeign(part('foreign')[0]),
    sample: part('sample').map(parseChange),
    rejected: part('rejected').map((row) => ({
      key: textOf(row, 'a'),
      category: textOf(row, 'b'),
      message: textOf(row, 'c'),
    })),
    rowsDigest: part('digest')
      .map((row) => `${textOrNull(row, 'a')} ${textOrNull(row, 'b')}`)
      .join(),
  };
}

/** What the state knows of a sync is of records of one object: their ids mean nothing for another. */
function otherObject({ name, object, file }: Sync, before: string): ScorelineError {
  return errorOfProblems([
    {
      code: 'SYNC_INVALID',
      file: file.path,
      ...file.locate(['object']),
      value: object,
      message: `${name} has written ${before} so far`,
      hint: `Give a sync of ${object} a name of its own; what the state knows of the ${before} stays with ${name}.`,
    },
  ]);
}

/** Of rows with a tier before and after. */
function countTierMoves(rows: readonly Row[], isApproved: boolean): Pick<GuardFacts, 'tierMoves' | 'movedByModel'> {
  const isByModel = (row: Row) => textOrNull(row, 'e') === 'model';
  const moved = rows.filter((row) => row.d === 'moved' && !(isApproved && isByModel(row)));
  const count = (of: readonly Row[]) => of.reduce((sum, row) => sum + countOf(row, 'n'), 0);
  const examples = moved.flatMap((row) => textOrNull(row, 'c') ?? []).sort();
  const movedByModel = count(moved.filter(isByModel));
  const tierMoves = { rows: count(moved), example: examples[0] ?? null };
  return movedByModel === 0 ? { tierMoves } : { tierMoves, movedByModel };
}

/** Rows of one move, one for each cause. */
function parseTierMoves(rows: readonly Row[]): readonly TierMove[] {
  const moves = Map.groupBy(rows, (row) => JSON.stringify([row.a, row.b]));
  return [...moves.values()].flatMap((ofMove): readonly TierMove[] => {
    const [first] = ofMove;
    if (first === undefined) return [];
    const move = { from: textOrNull(first, 'a'), to: textOrNull(first, 'b') };
    const total = ofMove.reduce((sum, row) => sum + countOf(row, 'n'), 0);
    const causes = ofMove.flatMap((row): readonly (readonly [string, number])[] => {
      const cause = textOrNull(row, 'e');
      return cause === null ? [] : [[cause, countOf(row, 'n')]];
    });
    if (causes.length === 0) return [{ ...move, rows: total }];
    return [{ ...move, rows: total, causes: Object.fromEntries(causes.sort(([a], [b]) => (a < b ? -1 : 1))) }];
  });
}

function parseForeign(row: Row | undefined): readonly ForeignValues[] {
  const [kept, adopted] = ['a', 'b'].map((column) => parseValues(row === undefined ? null : textOrNull(row, column)));
  return Object.keys(kept ?? {})
    .map((property) => ({ property, kept: Number(kept?.[property] ?? 0), adopted: Number(adopted?.[property] ?? 0) }))
    .filter(({ kept, adopted }) => kept + adopted > 0);
}

function parseChange(row: Row): RowChange {
  const kind = textOf(row, 'b');
  const operation = kind === 'create' || kind === 'clear' ? kind : 'update';
  const wanted = parseValues(textOrNull(row, 'd'));
  const held = parseValues(textOrNull(row, 'e'));
  const [from, to] = [textOrNull(row, 'f'), textOrNull(row, 'g')];
  const changed = textOf(row, 'c').split(',').filter(Boolean);
  return {
    key: textOf(row, 'a'),
    operation,
    tier: from === null && to === null ? null : { from, to },
    values: changed.map((property) => ({ property, from: held[property] ?? null, to: wanted[property] ?? null })),
  };
}

/** All parts in one query: `part` says which, `a` to `g` are its texts and `n` is its number. */
function summaryQuery(request: SummaryRequest): Fragment {
  const { state, planId, portalId, sync, model } = request;
  const tierCauses = model?.tierCauses;
  const { dialect } = state.warehouse;
  const text = dialect.type({ kind: 'text' });
  const columns = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  const part = (name: string, texts: readonly Fragment[], n: Fragment, from: Fragment) => {
    const values = columns.map(
      (column, index) => sql`cast(${texts[index] ?? sql`null`} as ${text}) as ${sql.id(column)}`,
    );
    return sql`select * from (select ${sql.lit(name)} as part, ${sql.join(values)}, ${n} as n from ${from}) ${sql.id(`${name}_part`)}`;
  };
  const all = sql`count(*)`;
  const firstKey = dialect.textOrder(sql`p.model_key`);
  const noNumber = sql`cast(0 as ${dialect.type({ kind: 'integer' })})`;
  const rows = sql`${stateTable(state, 'plan_rows')} p where p.plan_id = ${planId}`;
  const plan = (column: string) =>
    part(
      `plan`,
      [sql.lit(column)],
      sql`coalesce(${sql.id(column)}, 0)`,
      sql`${stateTable(state, 'plans')} where plan_id = ${planId}`,
    );
  const snapshot = sql`${stateTable(state, 'snapshot')} where portal_id = ${portalId} and sync = ${sync.name}`;
  const usedLists = sql`${stateTable(state, 'lists')} where portal_id = ${portalId} and sync = ${sync.name}`;
  const digest = (salt: string) => {
    const parts = ['model_key', 'list', 'operation', 'verdict', 'record_id', 'changed', 'row_values'];
    const row = dialect.hash(parts.map((name) => sql.ref(`p.${name}`)));
    return sql`sum(${dialect.hashBucket(row, salt, 2_147_483_647)})`;
  };
  return sql.join(
    [
      ...['model_rows', 'bad_keys', 'unchanged_rows', 'suppressed_rows', 'excluded_rows', 'tiered_rows'].map(plan),
      part('plan', [sql.lit('snapshot_rows')], all, snapshot),
      part('plan', [sql.lit('used_lists')], all, usedLists),
      part(
        'other_object',
        [sql`object`],
        all,
        sql`${snapshot} and object <> ${nullableText(state, sync.object)} group by object`,
      ),
      part('plan', [sql.lit('approved_versions')], all, approvedVersions(request)),
      part(
        'plan',
        [sql.lit('changed_in_known')],
        all,
        sql`${stateTable(state, 'plan_rows')} p cross join ${previousPlan(state, planId)} v
where p.plan_id = ${planId} and p.list is null and p.verdict = 'send' and p.operation = 'update'
  and ${changesKnownProperty(sync)}`,
      ),
      part(
        'previous',
        [sql`v.properties`, sql`v.new_properties`, sql`v.status`, sql`made.null_rows`],
        noNumber,
        sql`${stateTable(state, 'plans')} made cross join ${previousPlan(state, planId)} v where made.plan_id = ${planId}`,
      ),
      part(
        'row',
        [sql`p.operation`, sql`p.verdict`, sql`min(${firstKey})`],
        all,
        sql`${rows} and p.list is null group by p.operation, p.verdict`,
      ),
      part(
        'member',
        [sql`p.list`, sql`p.operation`, sql`p.verdict`],
        all,
        sql`${rows} and p.list is not null group by p.list, p.operation, p.verdict`,
      ),
      part(
        'tier',
        [
          sql`p.old_tier`,
          sql`p.tier`,
          sql`min(${firstKey})`,
          sql`case when p.old_tier is not null and p.tier is not null then 'moved' end`,
          tierCauses === undefined ? sql`null` : sql`c.tier_cause`,
        ],
        all,
        sql`${stateTable(state, 'plan_rows')} p ${tierCauses === undefined ? sql`` : sql`left join (${tierCauses}) c on c.trail_key = p.model_key `}
where p.plan_id = ${planId} and p.list is null and p.verdict = 'send' and p.tier is distinct from p.old_tier
    group by p.old_tier, p.tier${tierCauses === undefined ? sql`` : sql`, c.tier_cause`}`,
      ),
      part(
        'sample',
        ['model_key', 'operation', 'changed', 'row_values', 'old_values', 'old_tier', 'tier'].map((name) =>
          sql.ref(`p.${name}`),
        ),
        noNumber,
        sql`${rows} and p.list is null and p.verdict = 'send'
    order by ${sizeOfChange(request)} desc, ${firstKey} limit ${sql.lit(maxExamples)}`,
      ),
      part(
        'rejected',
        [sql`p.model_key`, sql`p.category`, sql`p.message`],
        noNumber,
        sql`${rows} and p.list is null and p.verdict = 'rejected' order by p.category, ${firstKey} limit ${sql.lit(maxExamples)}`,
      ),
      part('foreign', [countNamed(request, 'kept'), countNamed(request, 'adopted')], noNumber, rows),
      part('digest', [digest('a'), digest('b')], noNumber, rows),
    ],
    sql`
union all
`,
  );
}

/** Plans of the same sync and version of the model that a person let through for their tier moves, and that were applied. */
function approvedVersions({ state, planId, portalId, sync }: SummaryRequest): Fragment {
  const plans = stateTable(state, 'plans');
  return sql`${plans} approved where approved.portal_id = ${portalId} and approved.sync = ${sync.name}
  and approved.applied_at is not null and approved.overrides like ${sql.lit('%"max_tier_moves"%')}
  and approved.model_version = (select model_version from ${plans} where plan_id = ${planId})`;
}

/** A JSON object: by property, the number of rows that name it in a column of names. */
function countNamed({ state, sync }: SummaryRequest, column: string): Fragment {
  const { dialect } = state.warehouse;
  const counts = sync.properties.map(({ name }) => {
    const rows = sql`cast(sum(case when ${isNamedIn(sql.ref(`p.${column}`), name)} then 1 else 0 end) as ${dialect.type({ kind: 'text' })})`;
    return [name, rows] as const;
  });
  return counts.length === 0 ? sql`'{}'` : dialect.jsonObject(counts);
}

/** Updates by how far the first number moves, before creates by how large it is. */
function sizeOfChange({ state, sync }: SummaryRequest): Fragment {
  const { dialect } = state.warehouse;
  const measure = sync.properties.find((property) => property.type === 'number' && !property.withChangesOnly);
  if (measure === undefined) return sql`case when p.operation = 'update' then 1 else 0 end`;
  const number = (object: Fragment) =>
    sql`coalesce(cast(${dialect.jsonText(object, measure.name)} as ${dialect.type({ kind: 'double' })}), 0)`;
  return sql`case when p.operation = 'update' then 1 else 0 end desc, abs(${number(sql`p.row_values`)} - ${number(sql`p.old_values`)})`;
}

/** Of what the plan would do, not of when it was made: two plans with the same operations have the same digest. */
export function digestPlan(plan: Omit<Plan, 'digest'>, rowsDigest: string): string {
  const { planId: _planId, runId: _runId, createdAt: _createdAt, asOf: _asOf, cost: _cost, ...made } = plan;
  const { facts: _facts, reads: _reads, ...content } = made;
  return createHash('sha256')
    .update(JSON.stringify([content, rowsDigest]))
    .digest('hex')
    .slice(0, 16);
}
