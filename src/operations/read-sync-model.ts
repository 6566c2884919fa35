import { sql } from 'kysely';
import { readableModel } from '../build/readable-model.ts';
import { syncExpressions } from '../build/sync-expressions.ts';
import type { CompiledProject } from '../build/types.ts';
import { errorOfProblems, ScorelineError } from '../errors/scoreline-error.ts';
import type { Sync } from '../project/types.ts';
import type { Fragment } from '../sql/types.ts';
import type { SyncModel } from '../sync/sync-model.ts';
import type { Warehouse } from '../warehouse/port.ts';

export interface SyncModelRequest {
  readonly warehouse: Warehouse;
  readonly compiled: CompiledProject;
  readonly sync: Sync;
  readonly signal?: AbortSignal;
}

const excludedColumn = 'scoreline_excluded';
const firstColumn = 'scoreline_first';

/**
 * How planning reads the model of a sync: its columns, and those that the sync's `exclude` and `priority` make of them.
 * @throws SYNC_INVALID for an expression that the warehouse refuses over the model's columns
 */
export async function readSyncModel({ warehouse, compiled, sync, signal }: SyncModelRequest): Promise<SyncModel> {
  const { select, key } = readableModel(compiled, sync.model);
  const { exclude, priority } = syncExpressions(compiled, sync);
  const columnsOf = (statement: Fragment) =>
    warehouse.describe(warehouse.dialect.compile(statement), { signal, purpose: `read the columns of ${sync.model}` });
  const withColumn = (name: string, expression: Fragment | undefined) =>
    expression === undefined ? sql`` : sql`, (${expression}) as ${sql.id(name)}`;
  const whole = sql`select m.*${withColumn(excludedColumn, exclude)}${withColumn(firstColumn, priority)} from (${select}) m`;
  const columns = await columnsOf(select);
  const parts = [
    { path: ['exclude', 'when'], text: sync.exclude?.when, expression: exclude },
    { path: ['priority'], text: sync.priority, expression: priority },
  ];
  const problems = [];
  for (const { path, text = '', expression } of parts) {
    if (expression === undefined) continue;
    const found = await columnsOf(sql`select (${expression}) as v from (${select}) m`).catch((error: unknown) => {
      if (error instanceof ScorelineError && error.code === 'WAREHOUSE_REFUSED') return error;
      throw error;
    });
    const said =
      found instanceof ScorelineError
        ? `the warehouse refuses it over the rows of ${sync.model}: ${found.message}`
        : found[0]?.type.kind === 'boolean'
          ? null
          : `it is ${found[0]?.nativeType ?? 'nothing'}: expected a condition that is true or false`;
    if (said === null) continue;
    const place = { file: sync.file.path, ...sync.file.locate(path), value: text };
    const hint = `Columns of ${sync.model}: ${columns.map(({ name }) => name).join(', ')}.`;
    problems.push({ code: 'SYNC_INVALID' as const, ...place, message: said, hint });
  }
  if (problems.length > 0) throw errorOfProblems(problems);
  return {
    select: exclude === undefined && priority === undefined ? select : whole,
    columns,
    key,
    ...(exclude !== undefined && { excludedColumn }),
    ...(priority !== undefined && { firstColumn }),
  };
}
