import { sql } from 'kysely';
import type { ScoredModel } from '../project/model-types.ts';
import { pointsColumns, rulePointsColumn } from '../project/scorecard-columns.ts';
import { isScored } from '../project/scored-model.ts';
import { pointsType } from '../scoring/literals.ts';
import { compileInputs } from '../scoring/score-inputs.ts';
import { castTo } from '../sql/cast-to.ts';
import { oneRow } from '../sql/one-row.ts';
import type { CompiledSql, Fragment } from '../sql/types.ts';
import { temporaryTable } from '../state/state.ts';
import type { HistoryRequest } from './history-request.ts';
import { historyColumns, historyTable, inputColumns } from './history-tables.ts';
import { inlineExpressions, withExpressions } from './inline-models.ts';
import { inputNews } from './input-news.ts';
import { scoringContext } from './scoring-context.ts';
import { stagedName } from './staging.ts';
import type { CompiledModel } from './types.ts';

/**
 * Statements that write the history of a scored model from its staged table, to run with the swap: a row for each key
 * whose score, tier, segment, points or model version is not that of its last row before `as_of`, with its cause. Building
 * the same instant again replaces the rows of that instant, so that it is as if the last of such builds were the only one.
 */
export function historyStatements(request: HistoryRequest): readonly CompiledSql[] {
  const { compiled, model } = request;
  const { dialect, asOf, target, history } = compiled;
  const name = dialect.bind({ kind: 'text' }, model.model.name);
  const at = dialect.bind({ kind: 'timestamp' }, asOf.instant);
  const inputs = dialect.relation(historyTable(target.schema, 'score_inputs'));
  const scored = temporaryTable('scored', model.model.name);
  const changed = temporaryTable('changed', model.model.name);
  const list = (columns: readonly string[]) => sql.join(columns.map((column) => sql.id(column)));
  const statements = [
    sql`create temporary table ${scored} as\n${scoredRows(request)}`,
    sql`create temporary table ${changed} as\n${changedRows(request, scored)}`,
    sql`delete from ${history} where model = ${name} and as_of = ${at}`,
    sql`insert into ${history} (${list(historyColumns)})
select ${name}, model_key, ${at}, score, tier, segment, points, model_version, cause, ${dialect.bind({ kind: 'text' }, request.runId)}
from ${changed}`,
    sql`delete from ${inputs} where model = ${name}`,
    sql`insert into ${inputs} (${list(inputColumns)})
select ${name}, model_key, ${at}, inputs, overriding from ${scored}`,
    sql`drop table ${changed}`,
    sql`drop table ${scored}`,
  ];
  return statements.map((statement) => dialect.compile(statement));
}

/** One row per row of the staged table, with whether what it is made of changed since the build before. */
function scoredRows(request: HistoryRequest): Fragment {
  const { compiled, model, previous } = request;
  const { dialect, target } = compiled;
  const scored = scoredModelOf(model);
  const { relation, key } = model;
  if (relation.kind !== 'relation') throw new TypeError(`${scored.name} is no table`);
  const text = dialect.type({ kind: 'text' });
  const [keyColumn = ''] = key;
  // A warehouse whose decimals have as many places as they need would write the same number in several ways.
  const pointsText = (points: Fragment) => sql`cast(cast(${points} as ${dialect.type(pointsType)}) as ${text})`;
  const points = pointsColumns(scored).map(
    (column) => [column.slice(rulePointsColumn('').length), pointsText(sql`s.${sql.id(column)}`)] as const,
  );
  const kept = dialect.relation(historyTable(target.schema, 'score_inputs'));
  const before = dialect.bind({ kind: 'timestamp' }, previous?.instant ?? null);
  return sql`select s.*,
  case when kept.model_key is null or coalesce(i.inputs_before, '') <> coalesce(kept.inputs, '') or i.has_news = 1
    or n.model_key is not null then 1 else 0 end as has_changed,
  case when s.overriding is distinct from kept.overriding and kept.model_key is not null then 1 else 0 end as has_override_changed,
  coalesce(i.inputs, '') as inputs
from (
  select cast(s.${sql.id(keyColumn)} as ${text}) as model_key, ${castTo(dialect, sql`s.score`, pointsType)} as score, s.tier,
    s.segment, ${points.length === 0 ? sql`'{}'` : dialect.jsonObject(points)} as points, s.model_version,
    ${overriding(request)} as overriding
  from ${dialect.relation(stagedName(relation.name))} as s
) as s
left join (\n${ownInputs(request)}\n) as i on i.entity_key = s.model_key
left join (\n${inputNews(request)}\n) as n on n.model_key = s.model_key
left join (
  select key as model_key, inputs, overriding from ${kept}
  where model = ${dialect.bind({ kind: 'text' }, scored.name)} and as_of = ${before}
) as kept on kept.model_key = s.model_key`;
}

/** The rows of `compileInputs`; none for a model without events and attributes of its own. */
export function ownInputs({
  compiled,
  model,
  previous,
  days,
}: Pick<HistoryRequest, 'compiled' | 'model' | 'previous' | 'days'>): Fragment {
  const scored = scoredModelOf(model);
  if (scored.kind === 'combine' && scored.disqualify.length === 0) {
    return sql`select cast(null as ${compiled.dialect.type({ kind: 'text' })}) as entity_key, '' as inputs, '' as inputs_before, 0 as has_news from ${oneRow} where 1 = 0`;
  }
  const select = compileInputs(scored, {
    now: scoringContext(compiled, scored),
    before: previous === null ? null : scoringContext({ ...compiled, asOf: previous }, scored),
    days,
  });
  return withExpressions(inlineExpressions(compiled.models, model.refs), select, 'own_inputs');
}

/** What people set by hand of a row, as one text; null where nothing is. */
function overriding({ compiled: { dialect }, model }: HistoryRequest): Fragment {
  const text = dialect.type({ kind: 'text' });
  if (scoredModelOf(model).overrides === undefined) return sql`cast(null as ${text})`;
  const score = sql`case when s.score is distinct from s.computed_score then cast(s.score as ${text}) end`;
  return sql`case when s.overridden then ${dialect.joinText([score, sql`s.tier`], ' ')} end`;
}

/** What will be the rows of the history: those that differ from the last row before, with their cause. */
function changedRows({ compiled, model }: HistoryRequest, scored: Fragment): Fragment {
  const { dialect, asOf, history } = compiled;
  const name = dialect.bind({ kind: 'text' }, model.model.name);
  const at = dialect.bind({ kind: 'timestamp' }, asOf.instant);
  const differs = ['score', 'tier', 'segment', 'points', 'model_version'].map(
    (column) => sql`s.${sql.id(column)} is distinct from p.${sql.id(column)}`,
  );
  // Every row of what somebody set by hand says so: hysteresis goes by no such tier.
  // A row that an earlier build of the same instant wrote knows its cause, unless the data changed again since.
  return sql`select s.*,
  case when s.overriding is not null then 'override' when p.key is null then 'first' when s.has_override_changed = 1 then 'override'
    when s.model_version <> p.model_version then 'model' when s.has_changed = 1 then 'behaviour'
    else coalesce(nullif(same.cause, 'first'), 'time') end as cause
from ${scored} as s
left join (
  select h.*
  from ${history} as h
  join (select key, max(as_of) as as_of from ${history} where model = ${name} and as_of < ${at} group by key) as latest
    on latest.key = h.key and latest.as_of = h.as_of
  where h.model = ${name}
) as p on p.key = s.model_key
left join (select key, cause from ${history} where model = ${name} and as_of = ${at}) as same on same.key = s.model_key
where p.key is null or ${sql.join(differs, sql` or `)}`;
}

function scoredModelOf({ model }: CompiledModel): ScoredModel {
  if (!isScored(model)) throw new TypeError(`${model.name} has no scores`);
  return model;
}
