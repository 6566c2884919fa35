import { sql } from 'kysely';
import type { ScorecardModel } from '../project/model-types.ts';
import { daysFrom, happenedBy, loadedFrom } from '../scoring/age-bounds.ts';
import { compileScorecard } from '../scoring/compile-scorecard.ts';
import type { DayInputs } from '../scoring/day-inputs.ts';
import { type DayTable, dayTables } from '../scoring/day-tables.ts';
import { dayRows, isOutdated, type KeptDays, type KeptScans, reachingBack } from '../scoring/kept-days.ts';
import { readCard } from '../scoring/read-card.ts';
import { lastName, statement } from '../scoring/select-text.ts';
import { stepNamer } from '../scoring/step-namer.ts';
import type { ScoringContext } from '../scoring/types.ts';
import type { AsOf, CompiledSql, Fragment } from '../sql/types.ts';
import { temporaryTable } from '../state/state.ts';
import { type DayStates, dayStateColumns, dayStateKey, dayStatesRelation, dayTableName } from './day-states.ts';
import { inlineExpressions, withExpressions } from './inline-models.ts';
import { dayContext } from './kept-scans.ts';
import type { CompiledProject } from './types.ts';

/** How a card with `incremental` is built. */
export interface DailyBuild {
  /** The SELECT of its scores. */
  readonly statement: CompiledSql;
  /** What brings the tables with sums of days up to date; to run with the swap, before the history is written. */
  readonly withSwap: readonly CompiledSql[];
  /** What the history is told of the days, once that ran. */
  readonly inputs: DayInputs;
}

export interface DailyBuildRequest {
  readonly compiled: CompiledProject;
  readonly model: ScorecardModel;
  readonly states: DayStates;
  /** What of them is of use; a table that is not here is made anew. */
  readonly kept: KeptScans;
  /** The instant of the live table; null where there is none. */
  readonly previous: AsOf | null;
}

/**
 * A build from what earlier builds kept. Whole days are replaced, never added to, so that whatever is run again comes to
 * the same rows.
 */
export function dailyBuild({ compiled, model, states, kept, previous }: DailyBuildRequest): DailyBuild {
  const { dialect, target } = compiled;
  const context = dayContext(compiled, model);
  const { card, refs } = readCard(model, context);
  const tables = dayTables(card, context);
  const stateOf = ({ scan }: DayTable) => states.get(dayStateKey(model.name, scan.word));
  const { select } = compileScorecard(model, context, kept);
  const updates = tables.flatMap((table) => {
    const days = [stateOf(table)?.asOf.day, previous?.day, compiled.asOf.day].flatMap((day) => day ?? []);
    const earliest = days.reduce((a, b) => (b < a ? b : a));
    const scan = reachingBack(table.scan, daysFrom(earliest, compiled.asOf.day));
    const read = { key: card.key, stepName: stepNamer(card), kept: kept.get(scan.word) ?? null };
    const loadedSince = stateOf(table)?.loadedTo ?? null;
    return new DayUpdate(
      { ...table, scan },
      { compiled, context, model: model.name, loadedSince, ...read },
    ).statements();
  });
  const ofPrevious = (table: DayTable) => stateOf(table)?.asOf.instant === previous?.instant;
  return {
    statement: dialect.compile(withExpressions(inlineExpressions(compiled.models, refs), select, model.name)),
    withSwap: updates.map((each) => dialect.compile(each)),
    inputs: {
      tableOf: (word) => dialect.relation(dayTableName(target.schema, model.name, word)),
      keptByEvents: !tables.every(ofPrevious),
    },
  };
}

interface UpdateScope {
  readonly compiled: CompiledProject;
  readonly context: ScoringContext;
  /** Its name. */
  readonly model: string;
  readonly key: string;
  stepName(wanted: string): string;
  /** Null: the table is made anew. */
  readonly kept: KeptDays | null;
  /** ISO: rows loaded before are known to be in what was kept. */
  readonly loadedSince: string | null;
}

/** Statements that bring one table with sums of days up to date, and write down what it is good for. */
class DayUpdate {
  readonly #table: DayTable;
  readonly #scope: UpdateScope;
  readonly #name: Fragment;
  readonly #states: Fragment;
  readonly #loaded: Fragment;

  constructor(table: DayTable, scope: UpdateScope) {
    const { dialect, target } = scope.compiled;
    const name = dayTableName(target.schema, scope.model, table.scan.word);
    this.#table = table;
    this.#scope = scope;
    this.#name = dialect.relation(name);
    this.#states = dayStatesRelation(dialect, target.schema);
    this.#loaded = temporaryTable('loaded', name.name);
  }

  statements(): readonly Fragment[] {
    const { kept } = this.#scope;
    // What is loaded meanwhile is read once more by the next build.
    const noted = sql`create temporary table ${this.#loaded} as\n${this.#loadedTo()}`;
    const changed = kept === null ? this.#makeAnew() : this.#replaceDays(kept);
    return [noted, ...changed, this.#forgetState(), this.#writeState(), sql`drop table ${this.#loaded}`];
  }

  #makeAnew(): readonly Fragment[] {
    const rows = this.#rows(null);
    return [this.#forgetState(), sql`drop table if exists ${this.#name}`, sql`create table ${this.#name} as\n${rows}`];
  }

  #replaceDays(kept: KeptDays): readonly Fragment[] {
    const { scan, columns } = this.#table;
    return [
      sql`delete from ${this.#name} where ${isOutdated(sql`day`, scan, kept, this.#scope.context)}`,
      sql`insert into ${this.#name} (${sql.join(columns.map((column) => sql.id(column)))})\n${this.#rows(kept)}`,
    ];
  }

  #rows(kept: KeptDays | null): Fragment {
    const { context, key, stepName } = this.#scope;
    const { scan, columns } = this.#table;
    const steps = dayRows(scan, kept, { context, key, stepName, purpose: 'sums' });
    const select = { columns: columns.map((column) => sql.id(column)), from: sql.id(lastName(steps)) };
    return statement(`One row per entity and day: sums of ${scan.word}.`, steps, select);
  }

  /** Of the rows and not of the clock; what was loaded after `as_of` is not yet sure to be all that was loaded then. */
  #loadedTo(): Fragment {
    const { compiled, context, kept, loadedSince } = this.#scope;
    const { loadedAt, fragment } = this.#table.scan.events;
    const instant = compiled.dialect.type({ kind: 'timestamp' });
    if (loadedAt === undefined) return sql`select cast(null as ${instant}) as loaded_to`;
    const loaded = sql`events.${sql.id(loadedAt)}`;
    const before = kept === null ? null : loadedSince;
    const since = before === null ? sql`` : sql` and ${loadedFrom(loaded, before, context)}`;
    const known = compiled.dialect.bind({ kind: 'timestamp' }, before);
    return sql`select coalesce(cast(max(${loaded}) as ${instant}), ${known}) as loaded_to
from ${fragment} as events
where ${happenedBy(loaded, context)}${since}`;
  }

  #forgetState(): Fragment {
    const [model, word] = this.#names();
    return sql`delete from ${this.#states} where model = ${model} and events = ${word}`;
  }

  #writeState(): Fragment {
    const { dialect, asOf } = this.#scope.compiled;
    const [model, word] = this.#names();
    const version = dialect.bind({ kind: 'text' }, this.#table.version);
    return sql`insert into ${this.#states} (${sql.join(dayStateColumns.map(([column]) => sql.id(column)))})
select ${model}, ${word}, ${version}, ${dialect.bind({ kind: 'timestamp' }, asOf.instant)}, loaded_to from ${this.#loaded}`;
  }

  #names(): readonly [Fragment, Fragment] {
    const { dialect } = this.#scope.compiled;
    const text = (value: string) => dialect.bind({ kind: 'text' }, value);
    return [text(this.#scope.model), text(this.#table.scan.word)];
  }
}
