import { sql } from 'kysely';
import { isScored } from '../project/scored-model.ts';
import type { AsOf, CompiledSql, Fragment } from '../sql/types.ts';
import { temporaryTable } from '../state/state.ts';
import { historyTable } from './history-tables.ts';
import { ownInputs } from './score-history.ts';
import type { CompiledModel, CompiledProject } from './types.ts';

/** Ends the run's id in rows that a backfill wrote, so that they are told from those of builds at the time. */
export const backfillSuffix = '-backfill';

export interface BackfilledRange {
  readonly compiled: CompiledProject;
  readonly model: CompiledModel;
  /** ISO, both included. */
  readonly from: string;
  readonly to: string;
}

/** Deletes what an earlier backfill wrote in a range; what builds wrote at the time stays. */
export function forgetBackfill({ compiled, model, from, to }: BackfilledRange): CompiledSql {
  const { dialect, history } = compiled;
  const instant = (iso: string) => dialect.bind({ kind: 'timestamp' }, iso);
  return dialect.compile(sql`delete from ${history}
where model = ${dialect.bind({ kind: 'text' }, model.model.name)} and run_id like ${sql.lit(`%${backfillSuffix}`)}
  and as_of >= ${instant(from)} and as_of <= ${instant(to)}`);
}

export interface JoinRequest {
  /** Compiled for the last instant of the backfill, where its tables are. */
  readonly past: CompiledProject;
  /** The same project, where the live tables are, as of the first row that follows. */
  readonly live: CompiledProject;
  readonly model: string;
}

/**
 * Joins backfilled rows to those that follow them, which did not know them: a row that repeats the one before goes, and one
 * that was the first of its key gets its cause, by what the data of today say of both instants.
 */
export function joinBackfill({ past, live, model: name }: JoinRequest): readonly CompiledSql[] {
  const { dialect, history } = live;
  const model = live.models.get(name);
  if (model === undefined || !isScored(model.model)) throw new TypeError(`${name} has no scores`);
  const kept = dialect.relation(historyTable(past.target.schema, 'score_inputs'));
  const text = dialect.bind({ kind: 'text' }, name);
  const joined = temporaryTable('joined', name);
  const at = (asOf: AsOf) => dialect.bind({ kind: 'timestamp' }, asOf.instant);
  const same = ['score', 'tier', 'segment', 'points', 'model_version'].map(
    (column) => sql`s.${sql.id(column)} is not distinct from p.${sql.id(column)}`,
  );
  const ofModel = sql`from ${history} where model = ${text}`;
  const next = sql`select *, row_number() over (partition by key order by as_of) as place ${ofModel} and as_of > ${at(past.asOf)}`;
  const last = sql`select *, row_number() over (partition by key order by as_of desc) as place ${ofModel} and as_of <= ${at(past.asOf)}`;
  const statements: readonly Fragment[] = [
    sql`create temporary table ${joined} as
select s.key, s.as_of,
  case when ${sql.join(same, sql` and `)} then 1 else 0 end as is_repetition,
  case when s.model_version <> p.model_version then 'model'
    when s.as_of > ${at(live.asOf)} or k.key is null or i.has_news = 1 or coalesce(i.inputs_before, '') <> coalesce(k.inputs, '')
      then 'behaviour'
    else 'time' end as cause
from (select * from (${next}) as later where place = 1) as s
join (select * from (${last}) as earlier where place = 1) as p on p.key = s.key
left join (select key, inputs from ${kept} where model = ${text}) as k on k.key = s.key
left join (\n${ownInputs({ compiled: live, model, previous: past.asOf })}\n) as i on i.entity_key = s.key`,
    sql`delete from ${history} where model = ${text}
  and exists (select 1 from ${joined} j where j.key = score_history.key and j.as_of = score_history.as_of and j.is_repetition = 1)`,
    sql`merge into ${history} h using ${joined} j on h.model = ${text} and h.key = j.key and h.as_of = j.as_of
when matched and h.cause = 'first' then update set cause = j.cause`,
    sql`drop table ${joined}`,
  ];
  return statements.map((statement) => dialect.compile(statement));
}
