import type { Model } from '../../project/model-types.ts';
import type { AsOf, RelationName } from '../../sql/types.ts';
import type { Warehouse } from '../../warehouse/port.ts';
import { compileProject } from '../compile-project.ts';
import { stagingSuffix } from '../staging.ts';
import { liveRelationOf } from '../template-scope.ts';
import type { CompiledProject } from '../types.ts';

/**
 * Where an edited model is built beside the live one. The name ends as those of tables being built do, so that the next build
 * drops what a killed process left; it is no longer than PostgreSQL's 63 bytes.
 */
export function scratchName(schema: string, model: Pick<Model, 'name'>): RelationName {
  return { schema, name: `d__${model.name}${stagingSuffix}` };
}

/** The project in which the named models read each other's scratch tables, and everything else is read where it is live. */
export function compileScratch(compiled: CompiledProject, names: ReadonlySet<string>, asOf: AsOf): CompiledProject {
  const { project, target, dialect, params } = compiled;
  const live = liveRelationOf(target);
  return compileProject({
    project,
    target,
    dialect,
    params,
    asOf,
    relationOf: (model) => {
      const relation = live(model);
      if (relation.kind !== 'relation' || !names.has(model.name)) return relation;
      return { kind: 'relation', name: scratchName(target.schema, model) };
    },
  });
}

export interface ScratchRequest {
  /** As `compileScratch` gives it. */
  readonly scratch: CompiledProject;
  readonly names: ReadonlySet<string>;
  readonly warehouse: Warehouse;
  readonly signal?: AbortSignal;
  readonly onBuilding?: (model: string) => void;
}

/**
 * Builds models into their scratch tables for the time of `work`, one statement each, and drops them whatever happens.
 * Nothing that others read is touched.
 */
export async function withScratchModels<T>(request: ScratchRequest, work: () => Promise<T>): Promise<T> {
  const { scratch, names, warehouse, signal, onBuilding } = request;
  const models = [...scratch.models.values()].filter(
    ({ model, relation }) => names.has(model.name) && relation.kind === 'relation',
  );
  const tables = models.map(({ model }) => scratchName(scratch.target.schema, model));
  // Without the signal: an interrupted comparison cleans up, too.
  const cleanUp = () => warehouse.drop(tables, { purpose: 'drop the models built for a comparison' });
  let done: T;
  try {
    for (const { model, statement, origin } of models) {
      onBuilding?.(model.name);
      const table = scratchName(scratch.target.schema, model);
      await warehouse.createTable(table, statement, {
        signal,
        purpose: `build ${model.name} beside the live one`,
        origin,
      });
    }
    done = await work();
  } catch (error) {
    // What went wrong first is what has to be told; tables that cannot be dropped now are dropped by the next build.
    await cleanUp().catch(() => undefined);
    throw error;
  }
  await cleanUp();
  return done;
}
