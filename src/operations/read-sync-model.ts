import { sql } from 'kysely';
import { historyClashProblems, readsScoreHistory } from '../build/column-problems.ts';
import { readableModel, readableModels } from '../build/readable-model.ts';
import { scoreTrail } from '../build/score-trail.ts';
import { syncExpressions } from '../build/sync-expressions.ts';
import type { CompiledProject } from '../build/types.ts';
import { errorOfProblems, type Problem, ScorelineError } from '../errors/scoreline-error.ts';
import type { Model } from '../project/model-types.ts';
import { isScored } from '../project/scored-model.ts';
import { nameInSync } from '../project/sync-columns.ts';
import type { Sync } from '../project/sync-types.ts';
import type { Dialect, Fragment } from '../sql/types.ts';
import type { SyncModel } from '../sync/sync-model.ts';
import { modelsWithTiers, tierSeparator } from '../sync/tier-names.ts';
import type { Column, Warehouse } from '../warehouse/port.ts';

export interface SyncModelRequest {
  readonly warehouse: Warehouse;
  readonly compiled: CompiledProject;
  readonly sync: Sync;
  readonly signal?: AbortSignal;
}

const excludedColumn = 'scoreline_excluded';
const firstColumn = 'scoreline_first';
const tierColumn = 'scoreline_tier';

/**
 * How planning reads the models of a sync: their columns, and those that the sync's `exclude` and `priority` make of them.
 * One round trip, and one for each model where there are several.
 * @throws SYNC_INVALID for an expression that the warehouse refuses over the columns
 */
export async function readSyncModel(request: SyncModelRequest): Promise<SyncModel> {
  const { compiled, sync } = request;
  const rows = sync.models.length === 1 ? rowsOfOne(request) : await rowsOfSeveral(request);
  const { exclude, priority } = syncExpressions(compiled, sync);
  const expressions = [
    { name: excludedColumn, path: ['exclude', 'when'], text: sync.exclude?.when, expression: exclude },
    { name: firstColumn, path: ['priority'], text: sync.priority, expression: priority },
  ].flatMap(({ expression, text = '', ...more }) => (expression === undefined ? [] : [{ ...more, text, expression }]));
  const select = rows.select(expressions.map(({ name, expression }) => sql`(${expression}) as ${sql.id(name)}`));
  const found = await describe(request, select).catch(refusalOnly);
  const isMade = ({ name }: Column) => expressions.some((each) => each.name === name);
  if (found instanceof ScorelineError || !found.filter(isMade).every(({ type }) => type.kind === 'boolean')) {
    await refuseExpressions(request, rows, expressions);
    throw found;
  }
  const { key, tierColumn, tierCauses, readsHistory } = rows;
  const columns = found.filter((column) => !isMade(column) && column.name !== tierColumn);
  const clashes = readsHistory ? historyClashProblems(sync, columns) : [];
  if (clashes.length > 0) throw errorOfProblems(clashes);
  return {
    select,
    columns,
    key,
    ...(exclude !== undefined && { excludedColumn }),
    ...(priority !== undefined && { firstColumn }),
    ...(tierColumn !== undefined && { tierColumn }),
    ...(tierCauses !== undefined && { tierCauses }),
  };
}

/** Rows that expressions can be added to. */
interface Rows extends Pick<SyncModel, 'key' | 'tierColumn' | 'tierCauses'> {
  /** Whether the rows have the columns of the score history. */
  readonly readsHistory?: boolean;
  /** A whole SELECT of the columns and the expressions. */
  select(expressions: readonly Fragment[]): Fragment;
  /** A whole SELECT of one expression. */
  only(expression: Fragment): Fragment;
}

function rowsOfOne({ compiled, sync }: SyncModelRequest): Rows {
  const [name = ''] = sync.models;
  const model = compiled.models.get(name)?.model;
  const readsHistory = readsScoreHistory(sync, model);
  const { select, key } = readableModel(compiled, name, readsHistory ? { announce: sync.announce } : {});
  return {
    key,
    readsHistory,
    ...(model !== undefined && isScored(model) && { tierCauses: scoreTrail(compiled, model, 'all') }),
    select: (expressions) =>
      expressions.length === 0 ? select : sql`select m.*, ${sql.join(expressions)} from (${select}) m`,
    only: (expression) => sql`select ${expression} from (${select}) m`,
  };
}

/** Columns of the models as `model.column`, beside the key and the other columns of the entity's relation. */
async function rowsOfSeveral(request: SyncModelRequest): Promise<Rows> {
  const { warehouse, compiled, sync } = request;
  const { parts, key, select } = readableModels(compiled, sync.models);
  const isKey = (name: string) => key.some((each) => each.toLowerCase() === name.toLowerCase());
  const columns: Fragment[] = [];
  for (const { alias, select: part } of parts) {
    const isModel = sync.models.includes(alias);
    for (const { name } of await describe(request, part)) {
      const written = isModel ? nameInSync(sync, alias, name) : name;
      if (!isKey(name)) columns.push(sql`${sql.id(alias, name)} as ${sql.id(written)}`);
      else if (!isModel) columns.push(sql.id(name));
    }
  }
  const models = sync.models.flatMap((name) => compiled.models.get(name)?.model ?? []);
  const tier = sql`${tierOf(warehouse.dialect, models)} as ${sql.id(tierColumn)}`;
  return {
    key,
    tierColumn,
    select: (expressions) => select([...columns, tier, ...expressions]),
    only: (expression) => select([expression]),
  };
}

/** The tiers of all models that have some, as `tierNames` writes them; null only where all are. */
function tierOf(dialect: Dialect, models: readonly Model[]): Fragment {
  const tiers = modelsWithTiers(models).map(({ name }) => sql.id(name, 'tier'));
  const [only = sql`cast(null as ${dialect.type({ kind: 'text' })})`, ...others] = tiers;
  if (others.length === 0) return only;
  const written = tiers.map((tier) => sql`coalesce(${tier}, '-')`);
  return sql`case when coalesce(${sql.join(tiers)}) is not null then concat(${sql.join(written, sql`, ${sql.lit(tierSeparator)}, `)}) end`;
}

interface SyncExpression {
  readonly path: readonly string[];
  readonly text: string;
  readonly expression: Fragment;
}

/** Looks at each by itself, since the warehouse says not which of them it means. @throws SYNC_INVALID with all of them */
async function refuseExpressions(
  request: SyncModelRequest,
  rows: Rows,
  expressions: readonly SyncExpression[],
): Promise<void> {
  const { sync } = request;
  const names = sync.models.join(', ');
  const problems: Problem[] = [];
  for (const { path, text, expression } of expressions) {
    const found = await describe(request, rows.only(sql`(${expression}) as v`)).catch(refusalOnly);
    const said =
      found instanceof ScorelineError
        ? `the warehouse refuses it over the rows of ${names}: ${found.message}`
        : found[0]?.type.kind === 'boolean'
          ? null
          : `it is ${found[0]?.nativeType ?? 'nothing'}: expected a condition that is true or false`;
    if (said === null) continue;
    const columns = (await describe(request, rows.select([]))).map(({ name }) => name);
    const place = { file: sync.file.path, ...sync.file.locate(path), value: text };
    problems.push({
      code: 'SYNC_INVALID',
      ...place,
      message: said,
      hint: `Columns of ${names}: ${columns.join(', ')}.`,
    });
  }
  if (problems.length > 0) throw errorOfProblems(problems);
}

function refusalOnly(error: unknown): ScorelineError {
  if (error instanceof ScorelineError && error.code === 'WAREHOUSE_REFUSED') return error;
  throw error;
}

function describe({ warehouse, sync, signal }: SyncModelRequest, statement: Fragment): Promise<readonly Column[]> {
  const purpose = `read the columns of ${sync.models.join(', ')}`;
  return warehouse.describe(warehouse.dialect.compile(statement), { signal, purpose });
}
