import { join } from 'node:path';
import { buildModels } from '../../src/build/build-models.ts';
import { compileProject } from '../../src/build/compile-project.ts';
import { selectModels } from '../../src/build/select-models.ts';
import { loadProject } from '../../src/project/load-project.ts';
import type { Target } from '../../src/project/types.ts';
import { openWarehouse } from '../../src/warehouse/open-warehouse.ts';
import type { Row, Warehouse } from '../../src/warehouse/port.ts';

export interface BuiltProject {
  readonly warehouse: Warehouse;
  /** Rows by model; null for views and inline models. */
  readonly rows: ReadonlyMap<string, number | null>;
  query(sql: string): Promise<readonly Row[]>;
}

/**
 * Builds models of a project's default target as of a day, into a database file of its own (`<day>.duckdb` in the
 * project's `.scoreline`). The caller closes the warehouse.
 * @param selectors as the command `build` takes them; none: all models
 */
export async function buildProject(dir: string, day: string, selectors: readonly string[] = []): Promise<BuiltProject> {
  const project = loadProject({ projectDir: dir, env: {} });
  const preset = project.targets.get(project.defaultTarget);
  if (preset === undefined) throw new Error(`${dir} has no default target`);
  const path = join(dir, '.scoreline', `${day}.duckdb`);
  const target: Target = { ...preset, warehouse: { type: 'duckdb', path, memoryLimit: '1GB' } };
  const warehouse = await openWarehouse(target.warehouse, { timeZone: project.timezone });
  try {
    const asOf = { instant: `${day}T00:00:00.000Z`, day };
    const compiled = compileProject({ project, target, dialect: warehouse.dialect, asOf, params: {} });
    const { models } = await buildModels({ compiled, warehouse, selected: selectModels(compiled.models, selectors) });
    return {
      warehouse,
      rows: new Map(models.map((model) => [model.model, model.rows])),
      query: (text) => warehouse.query({ text, binds: [] }),
    };
  } catch (error) {
    await warehouse.close();
    throw error;
  }
}
