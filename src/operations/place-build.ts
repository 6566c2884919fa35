import { compileProject } from '../build/compile-project.ts';
import { makeHistoryTables } from '../build/history-tables.ts';
import { readLiveInstants } from '../build/live-instants.ts';
import { type HindsightPart, hindsight, knownSourceOf } from '../build/point-in-time.ts';
import { selectModels } from '../build/select-models.ts';
import type { CompiledProject } from '../build/types.ts';
import type { AsOf } from '../sql/types.ts';
import type { Column, Warehouse } from '../warehouse/port.ts';
import type { Workspace } from './workspace.ts';

/** Where models are built. */
export interface BuildPlace {
  readonly compiled: CompiledProject;
  readonly models: ReadonlySet<string>;
  /** Null: in the target's schema. */
  readonly scratch: Scratch | null;
}

/** A schema of its own for scores of the past. */
export interface Scratch {
  readonly schema: string;
  /** ISO: the instant of the scores in it. */
  readonly asOf: string;
  /** ISO: the instant of the scores that are live, which stay as they are. */
  readonly liveAsOf: string;
  /** What is not as it was known then. */
  readonly hindsight: readonly HindsightPart[];
}

/**
 * Decides where models are built: in the target's schema, or, where its scores are newer than `as_of`, in a schema for that
 * instant, together with all that the models read: one or two round trips, two more to make the schema.
 */
export async function placeBuild(
  workspace: Workspace,
  warehouse: Warehouse,
  { compiled, models }: Pick<BuildPlace, 'compiled' | 'models'>,
): Promise<BuildPlace> {
  const { target, asOf, signal } = workspace;
  const there = await warehouse.relations(target.schema, { signal, purpose: 'look for scores that are newer' });
  const live = await readLiveInstants({ compiled, warehouse, models: compiled.models.keys(), there, signal });
  const newest = [...live.values()]
    .map(({ instant }) => instant)
    .reduce((a, b) => (isAfter(b, a) ? b : a), asOf.instant);
  if (!isAfter(newest, asOf.instant)) return { compiled, models, scratch: null };
  const past = compilePast(compiled, scratchSchema(target.schema, asOf.instant), asOf);
  const all =
    models.size === 0
      ? models
      : selectModels(
          past.models,
          [...models].map((name) => `+${name}`),
        );
  await makeHistory(warehouse, target.schema, there, signal);
  const scratch: Scratch = {
    schema: past.target.schema,
    asOf: asOf.instant,
    liveAsOf: newest,
    hindsight: hindsight(past, all),
  };
  return { compiled: past, models: all, scratch };
}

/** The project as of an instant that is over, in a schema of its own, from sources as they were known then. */
export function compilePast(
  { project, target, dialect, params, history }: CompiledProject,
  schema: string,
  asOf: AsOf,
): CompiledProject {
  const sourceOf = knownSourceOf({ project, target, dialect, asOf });
  return compileProject({ project, target: { ...target, schema }, dialect, asOf, params, sourceOf, history });
}

/** `scoreline_as_of_20260131000000`, in UTC. */
export function scratchSchema(schema: string, instant: string): string {
  return `${schema}_as_of_${instant.replaceAll(/\D/g, '').slice(0, 14)}`;
}

/** Models look at the history where the live scores are; one round trip where it is not there yet, else none. */
export async function makeHistory(
  warehouse: Warehouse,
  schema: string,
  there: ReadonlyMap<string, readonly Column[]>,
  signal: AbortSignal,
): Promise<void> {
  const { dialect } = warehouse;
  const making = makeHistoryTables(dialect, schema, there).map((each) => dialect.compile(each));
  if (making.length > 0) await warehouse.script(making, { signal, purpose: 'make the tables of the score history' });
}

function isAfter(a: string, b: string): boolean {
  return Date.parse(a) > Date.parse(b);
}
