import { sql } from 'kysely';
import { backfillSuffix, forgetBackfill, joinBackfill } from '../build/backfilled-history.ts';
import { buildModels } from '../build/build-models.ts';
import { readLiveInstants } from '../build/live-instants.ts';
import { type HindsightPart, hindsight } from '../build/point-in-time.ts';
import { selectModels } from '../build/select-models.ts';
import type { CompiledProject } from '../build/types.ts';
import { didYouMean } from '../errors/did-you-mean.ts';
import { ScorelineError } from '../errors/scoreline-error.ts';
import { calendarDay } from '../project/instant.ts';
import { isScored } from '../project/scored-model.ts';
import type { AsOf } from '../sql/types.ts';
import { openState } from '../state/open-state.ts';
import { countOf, textOrNull } from '../state/row-values.ts';
import type { Warehouse } from '../warehouse/port.ts';
import { parseAsOf } from './as-of.ts';
import { backfillDates, parseEvery } from './backfill-dates.ts';
import { compileTarget } from './compile-target.ts';
import { compilePast, makeHistory } from './place-build.ts';
import { withLeases } from './with-leases.ts';
import { type Workspace, withWarehouse } from './workspace.ts';

export interface BackfillOptions {
  readonly model: string;
  /** As typed. */
  readonly from: string;
  readonly to: string;
  readonly every: string;
}

export interface BackfillOutcome {
  readonly model: string;
  /** Scored models whose history was filled: the model, and those that it reads. */
  readonly models: readonly string[];
  /** ISO instants that were built, in their order; those that a run before had built are left out. */
  readonly dates: readonly string[];
  /** Instants that a run before had built. */
  readonly resumed: number;
  /** ISO: instants of the range from here on were built at the time and stay as they are; null where none were. */
  readonly recordedFrom: string | null;
  /** Rows of the history in the range that a backfill wrote. */
  readonly rows: number;
  readonly hindsight: readonly HindsightPart[];
}

/**
 * The command `backfill`: builds a scored model for past instants, in date order, in a schema of its own, and writes the
 * score history of each; what builds wrote at the time stays. The schema keeps the last instant that was built, so that a
 * run which was stopped goes on after it; once the range is done the schema is dropped, and the same command does it all again, to the
 * same rows.
 * @throws USAGE_INVALID; GUARD_TEST_FAILED and WAREHOUSE_* as a build
 */
export async function backfillModel(workspace: Workspace, options: BackfillOptions): Promise<BackfillOutcome> {
  const { project, target, asOf: now, startedAt, signal } = workspace;
  const zone = project.timezone;
  const live = compileTarget(workspace);
  const scored = scoredUpstream(live, options.model);
  const [from, to] = [parseAsOf(options.from, zone, startedAt), parseAsOf(options.to, zone, startedAt)];
  if (Date.parse(to.instant) > Date.parse(now.instant)) {
    throw new ScorelineError('USAGE_INVALID', `--to ${to.instant} is in the future: nothing is known of it yet`);
  }
  const range = backfillDates(from, to, parseEvery(options.every), zone);
  return withWarehouse(workspace, async (warehouse) => {
    const state = await openState(warehouse, { schema: target.schema, signal });
    return withLeases(workspace, state, ['build'], async () => {
      const backfill = new Backfill(workspace, warehouse, live, options.model, scored);
      return backfill.fill(range);
    });
  });
}

class Backfill {
  readonly #workspace: Workspace;
  readonly #warehouse: Warehouse;
  readonly #live: CompiledProject;
  readonly #model: string;
  readonly #scored: readonly string[];
  readonly #schema: string;

  constructor(
    workspace: Workspace,
    warehouse: Warehouse,
    live: CompiledProject,
    model: string,
    scored: readonly string[],
  ) {
    this.#workspace = workspace;
    this.#warehouse = warehouse;
    this.#live = live;
    this.#model = model;
    this.#scored = scored;
    this.#schema = `${live.target.schema}_backfill_${model}`;
  }

  async fill(range: readonly AsOf[]): Promise<BackfillOutcome> {
    const { target, runId, signal } = this.#workspace;
    const purpose = 'look for the score history';
    const there = await this.#warehouse.relations(target.schema, { signal, purpose });
    await makeHistory(this.#warehouse, target.schema, there, signal);
    const recordedFrom = await this.#firstRecorded();
    const missing = range.filter(({ instant }) => recordedFrom === null || isBefore(instant, recordedFrom.instant));
    const [first] = missing;
    const last = missing.at(-1);
    if (first === undefined || last === undefined) return this.#outcome(range, [], 0, recordedFrom);

    const done = await this.#lastDone(missing);
    const dates = missing.slice(done + 1);
    const [next] = dates;
    if (next !== undefined) await this.#forget(next.instant, last.instant);
    for (const [index, asOf] of dates.entries()) {
      this.#tell(asOf, index, dates.length);
      const compiled = this.#past(asOf);
      const selected = selectModels(compiled.models, [`+${this.#model}`]);
      await buildModels({ compiled, warehouse: this.#warehouse, selected, runId: `${runId}${backfillSuffix}`, signal });
    }
    await this.#join(last, recordedFrom);
    await this.#warehouse.script([this.#live.dialect.compile(this.#live.dialect.dropSchema(this.#schema))], {
      signal,
      purpose: 'drop the tables of the backfill',
    });
    return this.#outcome(missing, dates, done + 1, recordedFrom);
  }

  #past(asOf: AsOf): CompiledProject {
    return compilePast(this.#live, this.#schema, asOf);
  }

  /** How far a run before came: the index of its last instant, -1 for none. It must be of this range and these models. */
  async #lastDone(range: readonly AsOf[]): Promise<number> {
    const { signal } = this.#workspace;
    const purpose = 'look how far a backfill came';
    const there = await this.#warehouse.relations(this.#schema, { signal, purpose });
    const [first] = range;
    if (first === undefined) return -1;
    const compiled = this.#past(first);
    const built = await readLiveInstants({ compiled, warehouse: this.#warehouse, models: this.#scored, there, signal });
    const reached = this.#scored.map((name) => {
      const instant = built.get(name)?.instant;
      return instant === undefined ? -1 : range.findIndex((each) => each.instant === instant);
    });
    const done = Math.min(...reached);
    if (done < 0) return -1;
    const found = await this.#query(
      this.#scored.map(
        (name) =>
          sql`select min(model_version) as a, max(model_version) as b, ${sql.lit(compiled.models.get(name)?.modelVersion ?? '')} as wanted from ${compiled.dialect.relation({ schema: this.#schema, name })}`,
      ),
      purpose,
    );
    return found.every(({ a, b, wanted }) => a === wanted && b === wanted) ? done : -1;
  }

  /** The first row that a build wrote at the time. */
  async #firstRecorded(): Promise<AsOf | null> {
    const { dialect, history } = this.#live;
    const [row] = await this.#query(
      [
        sql`select min(as_of) as first from ${history} where model in ${dialect.inList(this.#scored)}
  and coalesce(run_id, '') not like ${sql.lit(`%${backfillSuffix}`)}`,
      ],
      'find the first score that was recorded',
    );
    const instant = row === undefined ? null : textOrNull(row, 'first');
    return instant === null ? null : { instant, day: calendarDay(instant, this.#workspace.project.timezone) };
  }

  async #forget(from: string, to: string): Promise<void> {
    const { signal } = this.#workspace;
    const statements = this.#scored.flatMap((name) => {
      const model = this.#live.models.get(name);
      return model === undefined ? [] : [forgetBackfill({ compiled: this.#live, model, from, to })];
    });
    await this.#warehouse.script(statements, { signal, purpose: 'forget an earlier backfill' });
  }

  async #join(last: AsOf, recordedFrom: AsOf | null): Promise<void> {
    if (recordedFrom === null) return;
    const { target, signal } = this.#workspace;
    const past = this.#past(last);
    const live = compilePast(this.#live, target.schema, recordedFrom);
    const statements = this.#scored.flatMap((model) => joinBackfill({ past, live, model }));
    await this.#warehouse.script(statements, { signal, purpose: 'join the backfill to what follows' });
  }

  async #outcome(
    range: readonly AsOf[],
    dates: readonly AsOf[],
    resumed: number,
    recordedFrom: AsOf | null,
  ): Promise<BackfillOutcome> {
    const { dialect, history } = this.#live;
    const instant = (asOf: AsOf | undefined) => dialect.bind({ kind: 'timestamp' }, asOf?.instant ?? null);
    const [row] = await this.#query(
      [
        sql`select count(*) as n from ${history}
where model in ${dialect.inList(this.#scored)} and run_id like ${sql.lit(`%${backfillSuffix}`)}
  and as_of >= ${instant(range[0])} and as_of <= ${instant(range.at(-1))}`,
      ],
      'count what was filled',
    );
    return {
      model: this.#model,
      models: this.#scored,
      dates: dates.map((asOf) => asOf.instant),
      resumed,
      recordedFrom: recordedFrom?.instant ?? null,
      rows: row === undefined ? 0 : countOf(row, 'n'),
      hindsight: hindsight(this.#live, this.#scored),
    };
  }

  #query(parts: Parameters<typeof sql.join>[0], purpose: string) {
    const { dialect, signal } = { ...this.#live, ...this.#workspace };
    return this.#warehouse.query(dialect.compile(sql.join(parts, sql` union all `)), { signal, purpose });
  }

  #tell(asOf: AsOf, index: number, total: number): void {
    this.#workspace.report({
      level: 'info',
      event: 'backfill_step',
      model: this.#model,
      message: `${this.#model}: building as of ${asOf.instant} (${index + 1} of ${total})`,
      passing: true,
      progress: { done: index, total },
    });
  }
}

/** The model and the scored models that it reads, in the order of building. */
function scoredUpstream(compiled: CompiledProject, name: string): readonly string[] {
  const found = compiled.models.get(name);
  if (found === undefined || !isScored(found.model)) {
    const names = [...compiled.models.values()].filter(({ model }) => isScored(model)).map(({ model }) => model.name);
    const what = found === undefined ? `There is no model "${name}"` : `${name} has no scores to fill a history with`;
    throw new ScorelineError('USAGE_INVALID', what, {
      hint: didYouMean(name, names) ?? `Scored models: ${names.join(', ')}.`,
    });
  }
  const upstream = selectModels(compiled.models, [`+${name}`]);
  return [...compiled.models.values()].flatMap(({ model }) =>
    upstream.has(model.name) && isScored(model) ? [model.name] : [],
  );
}

function isBefore(a: string, b: string): boolean {
  return Date.parse(a) < Date.parse(b);
}
