import { sql } from 'kysely';
import { didYouMean } from '../errors/did-you-mean.ts';
import { errorOfProblems, type Problem, ScorelineError } from '../errors/scoreline-error.ts';
import { durationText, secondsIn } from '../project/duration-text.ts';
import type { Source, SourceTable } from '../project/types.ts';
import { happenedBy } from '../scoring/age-bounds.ts';
import type { Fragment } from '../sql/types.ts';
import { textOf, textOrNull } from '../state/row-values.ts';
import type { Warehouse } from '../warehouse/port.ts';
import type { CompiledModel, CompiledProject } from './types.ts';

/** How old a table of a source is at `as_of`. */
export interface Freshness {
  readonly source: string;
  readonly table: string;
  /** ISO: when its newest row was loaded, rows later than `as_of` left out; null where there is none. */
  readonly newestAt: string | null;
  /** From then to `as_of`; null where there is none. */
  readonly ageSeconds: number | null;
  readonly state: 'fresh' | 'warn' | 'error';
  /** What is wrong, in one sentence; empty for a fresh one. */
  readonly message: string;
}

export interface FreshnessRequest {
  readonly compiled: CompiledProject;
  readonly warehouse: Warehouse;
  /** Names of models: the sources that they read are measured. */
  readonly models: ReadonlySet<string>;
  readonly signal?: AbortSignal;
}

/**
 * Measures the source tables that have a limit against the run's instant, never against a clock, in one statement for all;
 * none where no model reads such a table. A table without a row is as old as can be.
 * @throws CONFIG_INVALID with every `loaded_at` that is no column; WAREHOUSE_REFUSED for a table that is not there, and
 *   for a column that is no time
 */
export async function measureFreshness(request: FreshnessRequest): Promise<readonly Freshness[]> {
  const { compiled, warehouse, signal } = request;
  const { project, dialect, asOf } = compiled;
  const read = sourcesOf(compiled, request.models);
  const tables: readonly LimitedTable[] = [...project.sources.values()].flatMap((source) =>
    [...source.tables.values()]
      .filter((table) => read.has(`${source.name}.${table.name}`) && isLimited(table))
      .map((table) => ({ source, table })),
  );
  if (tables.length === 0) return [];
  const origin = { file: project.file.path, line: project.file.locate(['sources']).line, text: project.file.text };
  const ask = (timeOf: TimeOf) =>
    warehouse.query(dialect.compile(sql.join(tables.flatMap(measurement(compiled, timeOf)), sql`\nunion all\n`)), {
      signal,
      purpose: 'look how fresh the sources are',
      origin,
    });
  const rows = await ask((loaded) => loaded).catch(async (error: unknown) => {
    if (!(error instanceof ScorelineError) || error.code !== 'WAREHOUSE_REFUSED') throw error;
    await requireColumns(request, tables);
    // DuckDB reads a column of a file without any value as text. Casting all of them would cost a large table dear.
    return ask((loaded) => sql`cast(${loaded} as ${dialect.type({ kind: 'timestamp' })})`);
  });
  const newest = new Map(
    rows.map((row) => [`${textOf(row, 'source_name')}.${textOf(row, 'table_name')}`, textOrNull(row, 'newest_at')]),
  );
  return tables.map(({ source, table }) =>
    judge(source.name, table, newest.get(`${source.name}.${table.name}`) ?? null, asOf.instant),
  );
}

type LimitedTable = { readonly source: Source; readonly table: SourceTable };
type TimeOf = (loaded: Fragment) => Fragment;

/** A SELECT of one row: the table, and when its newest row was loaded. */
function measurement({ project, dialect, asOf, sourceOf }: CompiledProject, timeOf: TimeOf) {
  return ({ source, table }: LimitedTable): readonly Fragment[] => {
    const relation = sourceOf(source, table);
    if (relation === null || table.loadedAt === undefined) return [];
    const loaded = timeOf(sql.id(table.loadedAt));
    const newest = sql`max(case when ${happenedBy(loaded, { project, dialect, asOf })} then ${loaded} end)`;
    return [
      sql`select ${sql.lit(source.name)} as source_name, ${sql.lit(table.name)} as table_name,
  ${dialect.instantText(newest)} as newest_at
from ${relation} as loads`,
    ];
  };
}

/** Looks for columns that are missing, one statement a table: only once the warehouse refused something. */
async function requireColumns(
  { compiled: { project, dialect, sourceOf }, warehouse, signal }: FreshnessRequest,
  tables: readonly LimitedTable[],
): Promise<void> {
  const problems: Problem[] = [];
  for (const { source, table } of tables) {
    const relation = sourceOf(source, table);
    if (relation === null || table.loadedAt === undefined) continue;
    const name = `${source.name}.${table.name}`;
    const options = { signal, purpose: `read the columns of ${name}` };
    const columns = await warehouse.describe(dialect.compile(sql`select * from ${relation} as loads`), options);
    const names = columns.map((column) => column.name);
    if (names.some((each) => each.toLowerCase() === table.loadedAt?.toLowerCase())) continue;
    problems.push({
      code: 'CONFIG_INVALID',
      file: project.file.path,
      ...project.file.locate(['sources', source.name, 'tables', table.name, 'loaded_at']),
      value: table.loadedAt,
      message: `the source table \`${name}\` has no column \`${table.loadedAt}\`, which \`loaded_at\` names`,
      hint: didYouMean(table.loadedAt, names),
    });
  }
  if (problems.length > 0) throw errorOfProblems(problems);
}

function isLimited({ loadedAt, warnAfter, errorAfter }: SourceTable): boolean {
  return loadedAt !== undefined && (warnAfter !== undefined || errorAfter !== undefined);
}

/** What models read when they are built: their own sources, and those of views and inline models that they read. */
function sourcesOf({ models }: CompiledProject, names: ReadonlySet<string>): ReadonlySet<string> {
  const sources = new Set<string>();
  const seen = new Set<CompiledModel>();
  const visit = (model: CompiledModel | undefined) => {
    if (model === undefined || seen.has(model)) return;
    seen.add(model);
    for (const source of model.sources) sources.add(source);
    for (const ref of model.refs) if (models.get(ref)?.materialize !== 'table') visit(models.get(ref));
  };
  for (const name of names) visit(models.get(name));
  return sources;
}

function judge(source: string, table: SourceTable, newestAt: string | null, asOf: string): Freshness {
  const ageSeconds = newestAt === null ? null : (Date.parse(asOf) - Date.parse(newestAt)) / 1000;
  const { warnAfter, errorAfter } = table;
  const measured = { source, table: table.name, newestAt, ageSeconds };
  const limits = [
    { state: 'error' as const, key: 'error_after', limit: errorAfter },
    { state: 'warn' as const, key: 'warn_after', limit: warnAfter },
  ];
  for (const { state, key, limit } of limits) {
    if (limit === undefined || (ageSeconds !== null && ageSeconds <= secondsIn(limit))) continue;
    const allowed = `${key} is ${durationText(limit)}`;
    const name = `${source}.${table.name}`;
    const message =
      ageSeconds === null
        ? `${name} has no row that was loaded by ${asOf}: ${allowed}`
        : `${name} was last loaded ${ageInWords(ageSeconds)} before ${asOf}, at ${newestAt}: ${allowed}`;
    return { ...measured, state, message };
  }
  return { ...measured, state: 'fresh', message: '' };
}

/** `45 minutes`, `30.5 hours`, `12 days` */
function ageInWords(seconds: number): string {
  const [amount, unit] =
    seconds < 2 * 3600
      ? [Math.round(seconds / 60), 'minutes']
      : seconds < 3 * 86_400
        ? [Math.round(seconds / 360) / 10, 'hours']
        : [Math.round(seconds / 8640) / 10, 'days'];
  return `${amount} ${unit}`;
}
