import { sql } from 'kysely';
import type { Fragment } from '../sql/types.ts';
import { countOf, textOrNull } from '../state/row-values.ts';
import { type State, stateTable } from '../state/state.ts';
import { isAbout, operationOf } from './match-outcomes.ts';
import type { ListResult, Plan, SyncResult } from './plan-types.ts';

export type OutcomeCounts = Omit<SyncResult, 'api_calls' | 'retries' | 'seconds' | 'retry_after'>;

/**
 * Counts what became of a plan in the warehouse itself, after folding, and compares: every row of the model has a place,
 * every planned operation has an outcome, and the snapshot and the memberships hold exactly what was accepted.
 * @param runId the run that has just worked on the plan, which an earlier one may have begun
 * @throws Error if the counts do not hold: a bug, or someone changed the state's tables meanwhile
 */
export async function countOutcomes(state: State, plan: Plan, runId: string): Promise<OutcomeCounts> {
  const { warehouse } = state;
  const rows = await warehouse.query(warehouse.dialect.compile(countsQuery(state, plan, runId)), {
    purpose: `count the outcomes of ${plan.sync}`,
  });
  const count = (where: Readonly<Record<string, readonly (string | null)[]>>) =>
    rows
      .filter((row) => Object.entries(where).every(([column, values]) => values.includes(textOrNull(row, column))))
      .reduce((sum, row) => sum + countOf(row, 'n'), 0);
  const ofRows = (outcome: readonly (string | null)[]) =>
    count({ part: ['outcome'], list: [null], verdict: ['send'], outcome });
  const judged = (verdict: string) => count({ part: ['outcome'], list: [null], verdict: [verdict] });
  const result = {
    sync: plan.sync,
    object: plan.object,
    planned: count({ part: ['planned'], list: [null] }),
    created: ofRows(['created']),
    updated: ofRows(['updated']),
    cleared: ofRows(['cleared']),
    unchanged: count({ part: ['unchanged_rows'] }),
    suppressed: count({ part: ['suppressed_rows'] }),
    excluded: count({ part: ['excluded_rows'] }),
    unmatched: judged('unmatched'),
    waiting: judged('waiting'),
    rejected: judged('rejected') + ofRows(['rejected', 'vanished']),
    newly_rejected: count({ part: ['newly_rejected'] }) + ofRows(['vanished']),
    deferred: ofRows(['deferred', null]),
    sent_before: count({ part: ['sent_before'] }),
    lists: plan.lists.map((list) => countMembers(list.list, count)),
  };
  checkCounts(plan, result, count);
  return result;
}

type Count = (where: Readonly<Record<string, readonly (string | null)[]>>) => number;

function countMembers(list: string, count: Count): ListResult {
  const sent = (outcome: readonly (string | null)[]) =>
    count({ part: ['outcome'], list: [list], verdict: ['send'], outcome });
  const judged = (verdict: string) => count({ part: ['outcome'], list: [list], verdict: [verdict] });
  return {
    list,
    added: sent(['added', 'kept']),
    removed: sent(['removed']),
    missing: judged('missing') + sent(['missing']),
    rejected: judged('rejected') + sent(['rejected']),
    deferred: sent(['deferred', 'attempted', null]),
  };
}

function checkCounts(plan: Plan, result: OutcomeCounts, count: Count): void {
  const {
    planned,
    created,
    updated,
    cleared,
    unchanged,
    suppressed,
    excluded,
    unmatched,
    waiting,
    rejected,
    deferred,
  } = result;
  const facts: [string, number, number][] = [
    [
      'rows of the model = creates + updates + unchanged + suppressed + excluded + unmatched + waiting',
      count({ part: ['model_rows'] }),
      count({ part: ['outcome'], list: [null], operation: ['create', 'update'] }) +
        unchanged +
        suppressed +
        excluded +
        unmatched +
        waiting,
    ],
    [
      'planned = created + updated + cleared + rejected + deferred',
      planned,
      created + updated + cleared + rejected + deferred,
    ],
    ['rows created and updated = rows in the snapshot', created + updated, count({ part: ['snapshot'] })],
    [
      'rows rejected = rejections + rows whose record vanished',
      rejected,
      count({ part: ['rejections'] }) +
        count({ part: ['outcome'], list: [null], verdict: ['send'], outcome: ['vanished'] }),
    ],
    ...result.lists.flatMap(({ list, added, removed, missing, rejected, deferred }): [string, number, number][] => [
      [
        `members of ${list} planned = added + removed + missing + rejected + deferred`,
        count({ part: ['planned'], list: [list] }),
        added + removed + missing + rejected + deferred,
      ],
      [`members added to ${list} = memberships`, added, count({ part: ['memberships'], list: [list] })],
    ]),
  ];
  const broken = facts.filter(([, left, right]) => left !== right);
  if (broken.length === 0) return;
  const said = broken.map(([fact, left, right]) => `${fact}: ${left} is not ${right}`).join('; ');
  throw new Error(`The counts of plan ${plan.planId} do not hold: ${said}`);
}

/** Groups with their numbers: `part` says of what; the columns that a part has no use for are null. */
function countsQuery(state: State, plan: Plan, runId: string): Fragment {
  const { dialect } = state.warehouse;
  const ofPlan = sql`plan_id = ${plan.planId}`;
  const part = (name: string, from: Fragment, columns: PartColumns = {}) => {
    const none = sql`cast(null as ${dialect.type({ kind: 'text' })})`;
    const { list = none, operation = none, verdict = none, outcome = none, n = sql`count(*)` } = columns;
    return sql`select ${sql.lit(name)} as part, ${list} as list, ${operation} as operation, ${verdict} as verdict, ${outcome} as outcome, ${n} as n
from ${from}`;
  };
  const planCount = (column: string) =>
    part(column, sql`${stateTable(state, 'plans')} where ${ofPlan}`, { n: sql.id(column) });
  const parts = [
    ...['model_rows', 'unchanged_rows', 'suppressed_rows', 'excluded_rows'].map(planCount),
    part('planned', sql`${stateTable(state, 'plan_rows')} where ${ofPlan} and operation is not null group by list`, {
      list: sql`list`,
    }),
    part(
      'outcome',
      sql`${stateTable(state, 'plan_rows')} p
left join outcomes o on ${isAbout('o', 'p')}
where p.plan_id = ${plan.planId}
group by p.list, p.operation, p.verdict, o.outcome`,
      { list: sql`p.list`, operation: sql`p.operation`, verdict: sql`p.verdict`, outcome: sql`o.outcome` },
    ),
    part(
      'sent_before',
      sql`outcomes where list is null and run_id <> ${runId} and outcome <> 'deferred' and attempt > 0`,
    ),
    part('snapshot', sql`${stateTable(state, 'snapshot')} where ${ofPlan}`),
    part('rejections', sql`${stateTable(state, 'rejections')} where ${ofPlan}`),
    part('newly_rejected', sql`${stateTable(state, 'rejections')} where ${ofPlan} and attempts = 1`),
    // Those whose change got no answer are in no list for certain.
    part(
      'memberships',
      sql`${stateTable(state, 'memberships')} where ${ofPlan} and added_at is not null group by list`,
      {
        list: sql`list`,
      },
    ),
  ];
  return sql`with outcomes as (
  select * from (
    select l.plan_id, l.run_id, l.list, l.operation, l.model_key, l.record_id, l.outcome, l.attempt,
      row_number() over (partition by ${operationOf('l')} order by l.attempted_at desc, l.sequence desc) as recency
    from ${stateTable(state, 'ledger')} l
    where l.plan_id = ${plan.planId} and l.operation <> 'list'
  ) attempts
  where recency = 1
)
${sql.join(parts, sql` union all `)}`;
}

interface PartColumns {
  readonly list?: Fragment;
  readonly operation?: Fragment;
  readonly verdict?: Fragment;
  readonly outcome?: Fragment;
  readonly n?: Fragment;
}
