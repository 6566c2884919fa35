import { sql } from 'kysely';
import { calendarDay } from '../project/instant.ts';
import type { Model, ScorecardModel } from '../project/model-types.ts';
import { fingerprint } from '../scoring/fingerprint.ts';
import type { AsOf, ColumnType, Dialect, Fragment, RelationName } from '../sql/types.ts';
import { textOf, textOrNull } from '../state/row-values.ts';
import type { Column, Warehouse } from '../warehouse/port.ts';
import type { CompiledProject } from './types.ts';

/*
 * Tables beside the models of cards with `incremental`. `daily__<model>__<events>`: one row per entity and day.
 * `daily_sums`: one row per such table, with what it is good for. It is written last, so that a script which stopped half-way
 * is repeated from what was true before.
 */

export const dayStates = 'daily_sums';

/** Begins the names of tables with sums of days; no model may have a name like that. */
export const dayTablePrefix = 'daily__';

/** What is written down of a table with sums of days. */
export interface DayState {
  readonly version: string;
  /** Of the build that wrote it last: events up to then are in it. */
  readonly asOf: AsOf;
  /** ISO: rows loaded before are in it; null where events do not say it, or there are none. */
  readonly loadedTo: string | null;
}

export const dayStateColumns: readonly (readonly [string, ColumnType])[] = [
  ['model', { kind: 'text' }],
  ['events', { kind: 'text' }],
  ['version', { kind: 'text' }],
  ['as_of', { kind: 'timestamp' }],
  ['loaded_to', { kind: 'timestamp' }],
];

export function keepsDays(model: Model): model is ScorecardModel {
  return model.kind === 'scorecard' && model.incremental !== undefined;
}

/** What PostgreSQL leaves of a name, in bytes. */
const longestName = 63;

/** A fingerprint stands for the end of a name that is too long. */
export function dayTableName(schema: string, model: string, word: string): RelationName {
  const name = `${dayTablePrefix}${model}__${word}`;
  if (name.length <= longestName) return { schema, name };
  return { schema, name: `${name.slice(0, 50)}_${fingerprint(name)}` };
}

export function dayStatesRelation(dialect: Dialect, schema: string): Fragment {
  return dialect.relation({ schema, name: dayStates });
}

/** Statements that make the table where it is missing and a model needs it. */
export function makeDayStates(
  dialect: Dialect,
  schema: string,
  there: ReadonlyMap<string, readonly Column[]>,
): readonly Fragment[] {
  if (there.has(dayStates)) return [];
  const typed = dayStateColumns.map(([column, type]) => sql`${sql.id(column)} ${dialect.type(type)}`);
  return [
    dialect.createSchema(schema),
    sql`create table if not exists ${dayStatesRelation(dialect, schema)} (${sql.join(typed)})`,
  ];
}

export interface DayStatesRequest {
  readonly compiled: CompiledProject;
  readonly warehouse: Warehouse;
  /** What is in the target's schema. */
  readonly there: ReadonlyMap<string, readonly Column[]>;
  readonly signal?: AbortSignal;
}

/** Model and word of the events, by a space → what is known of that table. Tables that are gone are left out. */
export type DayStates = ReadonlyMap<string, DayState>;

export function dayStateKey(model: string, word: string): string {
  return `${model} ${word}`;
}

/** One round trip; none where nothing was kept yet. */
export async function readDayStates({ compiled, warehouse, there, signal }: DayStatesRequest): Promise<DayStates> {
  if (!there.has(dayStates)) return new Map();
  const { dialect, target, project } = compiled;
  const columns = sql.join(dayStateColumns.map(([column]) => sql.id(column)));
  const select = sql`select ${columns} from ${dayStatesRelation(dialect, target.schema)}`;
  const rows = await warehouse.query(dialect.compile(select), { signal, purpose: 'read what is kept of past days' });
  return new Map(
    rows.flatMap((row): readonly (readonly [string, DayState])[] => {
      const [model, word, instant] = [textOf(row, 'model'), textOf(row, 'events'), textOf(row, 'as_of')];
      if (!there.has(dayTableName(target.schema, model, word).name)) return [];
      const asOf = { instant, day: calendarDay(instant, project.timezone) };
      return [
        [dayStateKey(model, word), { version: textOf(row, 'version'), asOf, loadedTo: textOrNull(row, 'loaded_to') }],
      ];
    }),
  );
}
