import { sql } from 'kysely';
import { pointsType } from '../scoring/literals.ts';
import { oneRow } from '../sql/one-row.ts';
import type { ColumnType, Dialect, Fragment, RelationName } from '../sql/types.ts';
import type { Column } from '../warehouse/port.ts';

/*
 * Tables that stand beside the models, in the target's schema.
 *
 * `score_history`: one row per scored model, key and build that changed something. `score_inputs`: one row per scored model
 * and key of its last build, with what the next build needs to say why a score moved (`compileInputs`).
 */

export const historyTables = ['score_history', 'score_inputs', 'score_changes'] as const;
export type HistoryTable = (typeof historyTables)[number];

/** Why a row of the history is there. */
export const causes = ['first', 'override', 'model', 'behaviour', 'time'] as const;
export type Cause = (typeof causes)[number];

export function historyTable(schema: string, name: HistoryTable): RelationName {
  return { schema, name };
}

const text: ColumnType = { kind: 'text' };
const instant: ColumnType = { kind: 'timestamp' };

const columns: Readonly<Record<'score_history' | 'score_inputs', readonly (readonly [string, ColumnType])[]>> = {
  score_history: [
    ['model', text],
    ['key', text],
    ['as_of', instant],
    ['score', pointsType],
    ['tier', text],
    ['segment', text],
    ['points', text],
    ['model_version', text],
    ['cause', text],
    ['run_id', text],
  ],
  score_inputs: [
    ['model', text],
    ['key', text],
    ['as_of', instant],
    ['inputs', text],
    ['overriding', text],
  ],
};

/** Stands in for the history where none may count, such as where nothing is built. */
export function noHistory(dialect: Dialect): Fragment {
  const nulls = columns.score_history.map(
    ([name, type]) => sql`cast(null as ${dialect.type(type)}) as ${sql.id(name)}`,
  );
  return sql`(select ${sql.join(nulls)} from ${oneRow} where 1 = 0)`;
}

export const historyColumns: readonly string[] = columns.score_history.map(([name]) => name);
export const inputColumns: readonly string[] = columns.score_inputs.map(([name]) => name);

/** Statements that make what is missing; none where all is there. */
export function makeHistoryTables(
  dialect: Dialect,
  schema: string,
  there: ReadonlyMap<string, readonly Column[]>,
): readonly Fragment[] {
  const missing = historyTables.filter((name) => !there.has(name));
  if (missing.length === 0) return [];
  return [
    dialect.createSchema(schema),
    ...missing.map((name) => {
      const relation = dialect.relation(historyTable(schema, name));
      if (name === 'score_changes') return sql`create view ${relation} as\n${changesSelect(dialect, schema)}`;
      const typed = columns[name].map(([column, type]) => sql`${sql.id(column)} ${dialect.type(type)}`);
      return sql`create table if not exists ${relation} (${sql.join(typed)})`;
    }),
  ];
}

/**
 * The view `score_changes`: one row per row of the history but the first of its key, with where it came from, and as
 * `moved` the rules whose points changed (a JSON object, rule → the difference).
 */
function changesSelect(dialect: Dialect, schema: string): Fragment {
  const before = (column: string) =>
    sql`lag(${sql.id(column)}) over (partition by model, key order by as_of) as ${sql.id(`previous_${column}`)}`;
  const previous = ['as_of', 'score', 'tier', 'segment', 'points', 'model_version'].map(before);
  const steps = sql`(
  select * from (
    select *, ${sql.join(previous, sql`,\n      `)}
    from ${dialect.relation(historyTable(schema, 'score_history'))}
  ) as builds
  where previous_as_of is not null
)`;
  const changes = { key: ['model', 'key', 'as_of'], before: 'previous_points', after: 'points', as: 'moved' };
  return sql`-- One row per change of a score: from, to, which rules moved, and why.
select model, key, as_of, previous_as_of, previous_score, score, score - previous_score as score_change,
  previous_tier, tier, previous_segment, segment, moved, cause, previous_model_version, model_version, run_id
from ${dialect.withNumberChanges(steps, changes)} as steps`;
}
