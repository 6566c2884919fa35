import { sql } from 'kysely';
import type { ScorecardModel } from '../project/model-types.ts';
import { daysFrom } from '../scoring/age-bounds.ts';
import { type DayTable, dayTables } from '../scoring/day-tables.ts';
import { type KeptDays, type KeptScans, lateDays, reachingBack, readAgainFrom } from '../scoring/kept-days.ts';
import { textLiteral } from '../scoring/literals.ts';
import { readCard } from '../scoring/read-card.ts';
import { selectText } from '../scoring/select-text.ts';
import type { ScoringContext } from '../scoring/types.ts';
import type { AsOf, Fragment } from '../sql/types.ts';
import { textOf } from '../state/row-values.ts';
import type { Warehouse } from '../warehouse/port.ts';
import { type DayState, type DayStates, dayStateKey, dayTableName } from './day-states.ts';
import { scoringContext } from './scoring-context.ts';
import type { CompiledProject } from './types.ts';

export interface KeptScansRequest {
  readonly compiled: CompiledProject;
  readonly warehouse: Warehouse;
  /** Cards with `incremental`. */
  readonly models: readonly ScorecardModel[];
  readonly states: DayStates;
  readonly signal?: AbortSignal;
}

/**
 * What of the sums of days is of use to a build, of the same version and of no later instant, and which days of it events
 * came late for, so that they stand in the statements as plain dates: one round trip for all models; none where nothing is
 * of use. What events are made of is the same before and after a build: no model among them is a table.
 * @returns by the model's name
 */
export async function readKeptScans(request: KeptScansRequest): Promise<ReadonlyMap<string, KeptScans>> {
  const { compiled, warehouse, models, signal } = request;
  const scans = models.flatMap((model) => scansOfUse(model, request));
  const selects = scans.flatMap(({ late }) => late ?? []);
  const rows =
    selects.length === 0
      ? []
      : await warehouse.query(compiled.dialect.compile(sql.join(selects, sql` union all `)), {
          signal,
          purpose: 'look for events that came late',
        });
  const daysOf = Map.groupBy(rows, (row) => dayStateKey(textOf(row, 'model'), textOf(row, 'events')));
  const kept = new Map(models.map(({ name }) => [name, new Map<string, KeptDays>()]));
  for (const { model, word, table, since } of scans) {
    const days = (daysOf.get(dayStateKey(model, word)) ?? []).map((row) => textOf(row, 'day')).sort();
    kept.get(model)?.set(word, { table, since, lateDays: days });
  }
  return kept;
}

interface ScanOfUse extends Pick<KeptDays, 'table' | 'since'> {
  readonly model: string;
  readonly word: string;
  /** Rows of `model`, `events` and `day`; null where events do not say when they were loaded. */
  readonly late: Fragment | null;
}

function scansOfUse(model: ScorecardModel, { compiled, states }: KeptScansRequest): readonly ScanOfUse[] {
  const { dialect, target, asOf } = compiled;
  const context = dayContext(compiled, model);
  const { card } = readCard(model, context);
  return dayTables(card, context).flatMap((table): readonly ScanOfUse[] => {
    const { scan } = table;
    const state = states.get(dayStateKey(model.name, scan.word));
    if (state === undefined || !isOfUse(state, table, asOf)) return [];
    const since = readAgainFrom(card, state.asOf.day);
    const { loadedTo } = state;
    // The history compares what the build before counted, which is further back.
    const counted = reachingBack(scan, daysFrom(state.asOf.day, asOf.day));
    const late = loadedTo === null ? null : lateDays(counted, { since, loadedSince: loadedTo }, context);
    const names = [model.name, scan.word].map((name) => textLiteral(name, dialect));
    return [
      {
        model: model.name,
        word: scan.word,
        table: dialect.relation(dayTableName(target.schema, model.name, scan.word)),
        since,
        late:
          late === null
            ? null
            : sql`select ${names[0]} as model, ${names[1]} as events, day from (\n${selectText(late, '')}\n) as late`,
      },
    ];
  });
}

function isOfUse({ version, asOf, loadedTo }: DayState, { version: wanted, scan }: DayTable, now: AsOf): boolean {
  const isLater = Date.parse(asOf.instant) > Date.parse(now.instant);
  return version === wanted && !isLater && (scan.events.loadedAt === undefined || loadedTo !== null);
}

/**
 * In it, an inline model is a SELECT of its own wherever it is read: as one common table expression that is read several
 * times, an engine would work it out whole, and no bound on days would reach the table behind it.
 */
export function dayContext(compiled: CompiledProject, model: ScorecardModel): ScoringContext {
  const context = scoringContext(compiled, model);
  const ref = (name: string): Fragment | null => {
    const found = compiled.models.get(name);
    return found?.relation.kind === 'inline' ? sql`(\n${found.select}\n)` : context.scope.ref(name);
  };
  return { ...context, scope: { ...context.scope, ref } };
}
