import { type BuildRequest, type BuildResult, buildModels } from '../../src/build/build-models.ts';
import { type CheckResult, checkModels } from '../../src/build/check-models.ts';
import { compileProject } from '../../src/build/compile-project.ts';
import { selectModels } from '../../src/build/select-models.ts';
import type { CompiledProject } from '../../src/build/types.ts';
import { loadProject } from '../../src/project/load-project.ts';
import type { Project, Target } from '../../src/project/types.ts';
import { duckDbDialect } from '../../src/sql/dialects/duckdb.ts';
import type { AsOf } from '../../src/sql/types.ts';
import { openWarehouse } from '../../src/warehouse/open-warehouse.ts';
import type { Row, Warehouse } from '../../src/warehouse/port.ts';
import { loadSources, withLoadedSources } from './load-sources.ts';
import { type ProjectFiles, writeFiles, writeProject } from './project-files.ts';
import { openTempWarehouse, type TempWarehouse, testWarehouse } from './temp-warehouse.ts';

const february: AsOf = { instant: '2026-02-01T00:00:00.000Z', day: '2026-02-01' };

export interface CompileOptions {
  readonly params?: Readonly<Record<string, string>>;
  readonly asOf?: AsOf;
  /** Instead of the target's. */
  readonly schema?: string;
}

/** Writes a project and reads it. */
export function projectOf(files: ProjectFiles): { readonly project: Project; readonly target: Target } {
  return readProject(writeProject(files));
}

function readProject(dir: string) {
  const project = loadProject({ projectDir: dir, env: {} });
  const target = project.targets.get(project.defaultTarget);
  if (target === undefined) throw new TypeError('The project has no default target');
  return { project, target };
}

/** Compiles a project for DuckDB as of 1 February 2026. */
export function compile(files: ProjectFiles, { params = {}, asOf = february }: CompileOptions = {}): CompiledProject {
  return compileProject({ ...projectOf(files), dialect: duckDbDialect, asOf, params });
}

/** A project on disk with its warehouse open. */
export class OpenProject {
  readonly warehouse: Warehouse;
  readonly #dir: string;
  /** Where the target's own warehouse is not the one under test. */
  readonly #temp: TempWarehouse | null;
  #isLoaded = false;

  private constructor(dir: string, warehouse: Warehouse, temp: TempWarehouse | null) {
    this.#dir = dir;
    this.warehouse = warehouse;
    this.#temp = temp;
  }

  static async open(files: ProjectFiles): Promise<OpenProject> {
    return OpenProject.reopen(writeProject(files));
  }

  /** A project that is on disk already. @param kind `duckdb`: on its own target, where a command built it */
  static async reopen(dir: string, kind = testWarehouse()): Promise<OpenProject> {
    const { project, target } = readProject(dir);
    const warehouse = await openWarehouse(target.warehouse, { timeZone: project.timezone });
    if (kind === 'duckdb') return new OpenProject(dir, warehouse, null);
    await warehouse.close();
    // Sources go into schemas that are made for them, which is a right apart.
    const temp = await openTempWarehouse(project.timezone, kind, { mayMakeSchemas: true });
    const opened = new OpenProject(dir, temp.warehouse, temp);
    await opened.#load();
    return opened;
  }

  /** Changes files of the project. */
  write(files: ProjectFiles): void {
    writeFiles(this.#dir, files);
    this.#isLoaded = false;
  }

  compile({ params = {}, asOf = february, schema }: CompileOptions = {}): CompiledProject {
    const { project, target } = this.#read();
    const placed = schema === undefined ? target : { ...target, schema };
    return compileProject({ project, target: placed, dialect: this.warehouse.dialect, asOf, params });
  }

  async build(
    selectors: readonly string[] = [],
    more: Partial<Pick<BuildRequest, 'onEvent' | 'signal' | 'warehouse' | 'runId' | 'dailySums'>> & CompileOptions = {},
  ): Promise<BuildResult> {
    await this.#load();
    const compiled = this.compile(more);
    return buildModels({
      compiled,
      warehouse: this.warehouse,
      selected: selectModels(compiled.models, selectors),
      ...more,
    });
  }

  async check(): Promise<CheckResult> {
    await this.#load();
    return checkModels({ ...this.#read(), warehouse: this.warehouse, asOf: february, params: {} });
  }

  query(text: string): Promise<readonly Row[]> {
    return this.warehouse.query({ text, binds: [] });
  }

  close(): Promise<void> {
    return this.#temp === null ? this.warehouse.close() : this.#temp.dispose();
  }

  /** Copies the files that the target reads into tables, and again where they changed. */
  async #load(): Promise<void> {
    if (this.#temp === null || this.#isLoaded) return;
    const { project, target } = readProject(this.#dir);
    const duckDb = await openWarehouse(target.warehouse, { timeZone: project.timezone });
    await loadSources(project, target, duckDb, this.#temp.warehouse).finally(() => duckDb.close());
    this.#isLoaded = true;
  }

  #read() {
    const { project, target } = readProject(this.#dir);
    return { project, target: this.#temp === null ? target : withLoadedSources(target) };
  }
}
