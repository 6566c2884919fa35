import { compareScores } from '../build/diff/compare-scores.ts';
import type { ScoreDiff } from '../build/diff/score-diff.ts';
import { compileScratch, scratchName, withScratchModels } from '../build/diff/scratch-models.ts';
import { readLiveInstants } from '../build/live-instants.ts';
import { selectModels } from '../build/select-models.ts';
import { liveName } from '../build/template-scope.ts';
import type { CompiledModel, CompiledProject } from '../build/types.ts';
import { ScorelineError } from '../errors/scoreline-error.ts';
import { allTiers, isScored } from '../project/scored-model.ts';
import type { AsOf } from '../sql/types.ts';
import { openState } from '../state/open-state.ts';
import type { Column, Warehouse } from '../warehouse/port.ts';
import { compileTarget } from './compile-target.ts';
import { type ForeseenSync, foreseeSyncs, listedAudiences } from './foresee-syncs.ts';
import { withLeases } from './with-leases.ts';
import { type Workspace, withWarehouse } from './workspace.ts';

export interface DiffOptions {
  /** As of the live scores, so that they and the edited ones differ by the model alone; else as the workspace says. */
  readonly asOfLive: boolean;
  /** How many of the largest moves are shown. */
  readonly maxMoves: number;
}

export interface DiffOutcome {
  /** ISO, UTC: the instant of the edited scores. */
  readonly asOf: string;
  /** Of the live ones that they are compared with. */
  readonly liveAsOf: string;
  /** In the order of building. */
  readonly models: readonly ScoreDiff[];
  readonly syncs: readonly ForeseenSync[];
}

/**
 * The command `diff`: builds edited models (dbt's selectors) beside the live ones, compares the scores, foresees what syncs
 * would send, and drops what it built. Models that are not selected are read as they are live. Live tables, history, state
 * and HubSpot stay as they are.
 * @throws USAGE_INVALID where no scored model is selected, and for one that is not built
 */
export async function diffModels(
  workspace: Workspace,
  selectors: readonly string[],
  { asOfLive, maxMoves }: DiffOptions,
): Promise<DiffOutcome> {
  const { project, target, report, signal } = workspace;
  const compiled = compileTarget(workspace);
  const selected = selectModels(compiled.models, selectors);
  const scored = [...selected].flatMap((name) => scoredModel(compiled, name));
  if (scored.length === 0) throw notScored(compiled, selectors);
  const names = new Set([...selected, ...listedAudiences(project, new Set(scored.map(({ model }) => model.name)))]);

  return withWarehouse(workspace, async (warehouse) => {
    const state = await openState(warehouse, { schema: target.schema, signal });
    // Builds take tables like those that are made here for leftovers, and drop them.
    return withLeases(workspace, state, ['build'], async () => {
      const purpose = `look into the schema ${target.schema}`;
      const there = await warehouse.relations(target.schema, { signal, purpose });
      const models = scored.map(({ model }) => model.name);
      const live = await readLiveInstants({ compiled, warehouse, models, there, signal });
      const compared = comparable(scored, live, selectors);
      const liveAsOf = newest(compared.map(({ model }) => live.get(model.name)));
      const scratch = compileScratch(compiled, names, asOfLive ? liveAsOf : compiled.asOf);
      const onBuilding = (model: string) =>
        report({
          level: 'debug',
          event: 'model_compared',
          model,
          message: `building ${model} beside the live one`,
          passing: true,
        });

      return withScratchModels({ scratch, names, warehouse, signal, onBuilding }, async () => {
        const columns = await warehouse.relations(target.schema, { signal, purpose });
        const diffs: ScoreDiff[] = [];
        for (const model of compared)
          diffs.push(await diffOne({ scratch, warehouse, columns, maxMoves, signal }, model));
        const syncs = await foreseeSyncs({ workspace, state, compiled, scratch, names, there });
        return { asOf: scratch.asOf.instant, liveAsOf: liveAsOf.instant, models: diffs, syncs };
      });
    });
  });
}

interface DiffScope {
  readonly scratch: CompiledProject;
  readonly warehouse: Warehouse;
  readonly columns: ReadonlyMap<string, readonly Column[]>;
  readonly maxMoves: number;
  readonly signal?: AbortSignal;
}

async function diffOne(
  { scratch, warehouse, columns, maxMoves, signal }: DiffScope,
  { model, key }: CompiledModel,
): Promise<ScoreDiff> {
  const edited = scratchName(scratch.target.schema, model);
  const compared = await compareScores({
    warehouse,
    live: liveName(scratch.target, model),
    edited,
    liveColumns: columns.get(model.name) ?? [],
    editedColumns: columns.get(edited.name) ?? [],
    key: key[0] ?? '',
    maxRows: maxMoves,
    tiers: isScored(model) ? allTiers(model).map(({ name }) => name) : [],
    options: { signal, purpose: `compare ${model.name} with the live one` },
  });
  return { model: model.name, ...compared };
}

function scoredModel({ models }: CompiledProject, name: string): readonly CompiledModel[] {
  const found = models.get(name);
  return found !== undefined && isScored(found.model) ? [found] : [];
}

/** Those that are live; one that was named as such must be. */
function comparable(
  scored: readonly CompiledModel[],
  live: ReadonlyMap<string, AsOf>,
  selectors: readonly string[],
): readonly CompiledModel[] {
  const missing = scored.filter(({ model }) => !live.has(model.name));
  const named = missing.find(({ model }) => selectors.some((selector) => selector.replaceAll('+', '') === model.name));
  const [first] = missing;
  if (first === undefined || (named === undefined && missing.length < scored.length)) {
    return scored.filter(({ model }) => live.has(model.name));
  }
  const { name } = (named ?? first).model;
  throw new ScorelineError(
    'USAGE_INVALID',
    `\`${name}\` has no rows in this target yet: there is nothing to compare with`,
    {
      hint: `Build it first, as it was before the change: scoreline build +${name}`,
    },
  );
}

function newest(instants: readonly (AsOf | undefined)[]): AsOf {
  const found = instants.flatMap((each) => each ?? []);
  const [first, ...more] = found;
  if (first === undefined) throw new RangeError('No model is live');
  return more.reduce((a, b) => (Date.parse(b.instant) > Date.parse(a.instant) ? b : a), first);
}

function notScored({ models }: CompiledProject, selectors: readonly string[]): ScorelineError {
  const scored = [...models.values()].filter(({ model }) => isScored(model)).map(({ model }) => model.name);
  const named = selectors.length === 0 ? 'The project' : selectors.map((each) => `\`${each}\``).join(', ');
  return new ScorelineError('USAGE_INVALID', `${named} has no scored model, so there are no scores to compare`, {
    hint: scored.length === 0 ? 'The project has none yet.' : `Scored models: ${scored.join(', ')}.`,
  });
}
