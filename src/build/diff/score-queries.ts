import { sql } from 'kysely';
import { rulePointsColumn } from '../../project/scorecard-columns.ts';
import type { Dialect, Fragment, RelationName } from '../../sql/types.ts';
import type { Column } from '../../warehouse/port.ts';
import type { ScoreBuckets } from './score-buckets.ts';

/** Two tables of one scored model. */
export interface ScorePair {
  readonly dialect: Dialect;
  readonly live: RelationName;
  readonly edited: RelationName;
  readonly liveColumns: readonly Column[];
  readonly editedColumns: readonly Column[];
  /** Column of the entity's key, the same in both. */
  readonly key: string;
  /** How many of the largest moves, and of the rows on one side alone, are shown. */
  readonly maxRows: number;
}

const pointsPrefix = rulePointsColumn('');

/** A rule as the two tables have it. */
export interface RuleColumn {
  readonly rule: string;
  readonly inLive: boolean;
  readonly inEdited: boolean;
}

/** In the order of the edited model, those that only the live one has behind. */
export function ruleColumns({ liveColumns, editedColumns }: ScorePair): readonly RuleColumn[] {
  const rulesOf = (columns: readonly Column[]) =>
    columns.flatMap(({ name }) => (name.startsWith(pointsPrefix) ? [name.slice(pointsPrefix.length)] : []));
  const [live, edited] = [rulesOf(liveColumns), rulesOf(editedColumns)];
  return [...new Set([...edited, ...live])].map((rule) => ({
    rule,
    inLive: live.includes(rule),
    inEdited: edited.includes(rule),
  }));
}

/** One row per key of either build; what one of them lacks is null. */
function pairs({ dialect, live, edited, key }: ScorePair): Fragment {
  const [text, double] = [dialect.type({ kind: 'text' }), dialect.type({ kind: 'double' })];
  const side = (alias: 'b' | 'e', name: string) =>
    ['tier', 'reasons'].map((column) => sql`${sql.ref(`${alias}.${column}`)} as ${sql.id(`${column}_${name}`)}`);
  const keyOf = (alias: 'b' | 'e') => sql.id(alias, key);
  return sql`select cast(coalesce(${keyOf('b')}, ${keyOf('e')}) as ${text}) as model_key,
  cast(b.score as ${double}) as score_before, cast(e.score as ${double}) as score_after,
  ${sql.join([...side('b', 'before'), ...side('e', 'after')])},
  case when ${keyOf('b')} is null then 'appeared' when ${keyOf('e')} is null then 'disappeared' else 'both' end as presence
from ${dialect.relation(live)} as b
full outer join ${dialect.relation(edited)} as e on ${keyOf('b')} = ${keyOf('e')}`;
}

/** One row: counts, means, the range of scores, and each rule's points. */
export function summary(request: ScorePair, rules: readonly RuleColumn[]): Fragment {
  const { dialect } = request;
  const double = dialect.type({ kind: 'double' });
  const count = (when: Fragment, name: string) =>
    sql`coalesce(sum(case when ${when} then 1 else 0 end), 0) as ${sql.id(name)}`;
  const counts = [
    count(sql`presence <> 'appeared'`, 'rows_before'),
    count(sql`presence <> 'disappeared'`, 'rows_after'),
    count(sql`presence = 'appeared'`, 'appeared'),
    count(sql`presence = 'disappeared'`, 'disappeared'),
    count(sql`presence = 'both' and score_before is distinct from score_after`, 'changed'),
    count(sql`presence = 'both' and tier_before is distinct from tier_after`, 'tier_changed'),
  ];
  const both = sql`(select score_before as score from pairs union all select score_after from pairs) scores`;
  const points = rules.flatMap(({ rule, inLive, inEdited }, index) => {
    const column = sql.id(`${pointsPrefix}${rule}`);
    const sumOf = (relation: RelationName) =>
      sql`(select cast(sum(${column}) as ${double}) from ${dialect.relation(relation)})`;
    return [
      sql`${inLive ? sumOf(request.live) : sql`null`} as ${sql.id(`before_${index}`)}`,
      sql`${inEdited ? sumOf(request.edited) : sql`null`} as ${sql.id(`after_${index}`)}`,
    ];
  });
  const version = (relation: RelationName) => sql`(select max(model_version) from ${dialect.relation(relation)})`;
  return sql`with pairs as (${pairs(request)})
select ${sql.join(counts, sql`,\n  `)},
  avg(score_before) as mean_before, avg(score_after) as mean_after,
  (select min(score) from ${both}) as min_score, (select max(score) from ${both}) as max_score,
  ${version(request.live)} as version_before, ${version(request.edited)} as version_after${points.length === 0 ? sql`` : sql`,\n  `}${sql.join(points, sql`,\n  `)}
from pairs`;
}

/** All parts in one query: `part` says which, `a` to `f` are its texts, `n` and `m` its numbers. */
export function details(request: ScorePair, buckets: ScoreBuckets | null): Fragment {
  const { maxRows, dialect } = request;
  const [text, double] = [dialect.type({ kind: 'text' }), dialect.type({ kind: 'double' })];
  const part = (name: string, texts: readonly Fragment[], numbers: readonly Fragment[], from: Fragment) => {
    const as = (names: readonly string[], values: readonly Fragment[], type: Fragment) =>
      names.map((column, index) => sql`cast(${values[index] ?? sql`null`} as ${type}) as ${sql.id(column)}`);
    const columns = [...as(['a', 'b', 'c', 'd', 'e'], texts, text), ...as(['n', 'm'], numbers, double)];
    return sql`select * from (select ${sql.lit(name)} as part, ${sql.join(columns)} from ${from}) as ${sql.id(`${name}_part`)}`;
  };
  const limit = sql.lit(maxRows);
  const inOrder = dialect.textOrder(sql`model_key`);
  const both = ['model_key', 'tier_before', 'tier_after', 'reasons_before', 'reasons_after'].map((name) =>
    sql.id(name),
  );
  const scores = [sql`score_before`, sql`score_after`];
  const alone = (presence: string, side: string) =>
    part(
      presence,
      [sql`model_key`, ...(side === 'before' ? [sql`tier_before`] : [sql`null`, sql`tier_after`])],
      side === 'before' ? [sql`score_before`] : [sql`null`, sql`score_after`],
      sql`pairs where presence = ${sql.lit(presence)} order by ${sql.id(`score_${side}`)} desc, ${inOrder} limit ${limit}`,
    );
  const histogram =
    buckets === null ? [] : [part('bucket', [sql`bucket`], [sql`sum(n)`, sql`sum(m)`], bucketed(dialect, buckets))];
  return sql`with pairs as (${pairs(request)})
${sql.join(
  [
    ...histogram,
    part(
      'tier',
      [sql`tier_before`, sql`tier_after`],
      [sql`count(*)`],
      sql`pairs where presence = 'both' group by tier_before, tier_after`,
    ),
    part(
      'move',
      both,
      scores,
      sql`pairs where presence = 'both' and score_before <> score_after order by abs(score_after - score_before) desc, ${inOrder} limit ${limit}`,
    ),
    alone('appeared', 'after'),
    alone('disappeared', 'before'),
  ],
  sql`\nunion all\n`,
)}`;
}

function bucketed(dialect: Dialect, { start, width, count }: ScoreBuckets): Fragment {
  const integer = dialect.type({ kind: 'integer' });
  const raw = sql`cast(floor((score - ${sql.lit(start)}) / ${sql.lit(width)}) as ${integer})`;
  const bucket = sql`case when ${raw} >= ${sql.lit(count)} then ${sql.lit(count - 1)} when ${raw} < 0 then 0 else ${raw} end`;
  return sql`(
  select ${bucket} as bucket, n, m from (
    select score_before as score, 1 as n, 0 as m from pairs where score_before is not null
    union all
    select score_after, 0, 1 from pairs where score_after is not null
  ) as scores
) as bucketed group by bucket`;
}
