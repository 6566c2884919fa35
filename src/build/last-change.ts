import { sql } from 'kysely';
import { ScorelineError } from '../errors/scoreline-error.ts';
import type { ScoredModel } from '../project/model-types.ts';
import { textOf, textOrNull } from '../state/row-values.ts';
import type { Row, Warehouse } from '../warehouse/port.ts';
import { type Cause, causes, historyTable } from './history-tables.ts';
import type { CompiledProject } from './types.ts';

/** How a score came to be what it is from what it was before. */
export interface LastChange {
  /** ISO, UTC: the build that says the former numbers; null where there is no former one. */
  readonly since: string | null;
  /** ISO, UTC: the build that changed it; null: none has yet, it changed since the last one. */
  readonly at: string | null;
  /** Null for what changed since the last build, of which no build has said it yet. */
  readonly cause: Cause | null;
  readonly fromScore: number | null;
  readonly fromTier: string | null;
  readonly toScore: number;
  readonly toTier: string | null;
  /** Whether another version of the model gave the former numbers. */
  readonly isOtherVersion: boolean;
  /** Rules (of a combination: inputs) by how much they moved, the strongest first. */
  readonly moved: readonly MovedRule[];
}

export interface MovedRule {
  readonly id: string;
  readonly change: number;
}

/** A score as it is now. */
export interface ScoreNow {
  readonly score: number;
  readonly tier: string | null;
  /** Rule's id → its points. */
  readonly points: Readonly<Record<string, number>>;
  readonly modelVersion: string;
}

export interface LastChangeRequest {
  readonly compiled: CompiledProject;
  readonly model: ScoredModel;
  readonly key: string;
  readonly now: ScoreNow;
  readonly warehouse: Warehouse;
  readonly signal?: AbortSignal;
}

/**
 * From the score history, one round trip: what changed since the last build, or if nothing did, what the last change was.
 * @returns null where nothing was built yet
 */
export async function lastChange(request: LastChangeRequest): Promise<LastChange | null> {
  const [last, before] = await lastRows(request);
  if (last === undefined) return null;
  const { now } = request;
  const isNews = now.score !== last.score || now.tier !== last.tier || movedBetween(last.points, now.points).length > 0;
  if (isNews) return change(last, { ...now, at: null, cause: null });
  return change(before, last);
}

interface HistoryRow extends ScoreNow {
  readonly at: string | null;
  readonly cause: Cause | null;
}

function change(from: HistoryRow | undefined, to: HistoryRow): LastChange {
  return {
    since: from?.at ?? null,
    at: to.at,
    cause: to.cause,
    fromScore: from?.score ?? null,
    fromTier: from?.tier ?? null,
    toScore: to.score,
    toTier: to.tier,
    isOtherVersion: from !== undefined && from.modelVersion !== to.modelVersion,
    moved: from === undefined ? [] : movedBetween(from.points, to.points),
  };
}

function movedBetween(before: ScoreNow['points'], after: ScoreNow['points']): readonly MovedRule[] {
  const ids = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return ids
    .map((id) => ({ id, change: Number(((after[id] ?? 0) - (before[id] ?? 0)).toFixed(6)) }))
    .filter(({ change: points }) => points !== 0)
    .sort((a, b) => Math.abs(b.change) - Math.abs(a.change));
}

/** The newest two up to `as_of`, the newest first. */
async function lastRows({
  compiled,
  model,
  key,
  warehouse,
  signal,
}: LastChangeRequest): Promise<readonly HistoryRow[]> {
  const { dialect, history, asOf, target } = compiled;
  const text = (value: string) => dialect.bind({ kind: 'text' }, value);
  const select = sql`-- The newest rows of one score's history.
select as_of, score, tier, points, model_version, cause
from ${history} as history
where model = ${text(model.name)} and ${sql.id('key')} = ${text(key)}
  and as_of <= ${dialect.bind({ kind: 'timestamp' }, asOf.instant)}
order by as_of desc
limit 2`;
  const purpose = `read the history of ${model.name}`;
  try {
    return (await warehouse.query(dialect.compile(select), { signal, purpose })).map(historyRow);
  } catch (error) {
    if (!(error instanceof ScorelineError) || error.code !== 'WAREHOUSE_REFUSED') throw error;
    // Models that an older version built have no history yet.
    const { schema, name } = historyTable(target.schema, 'score_history');
    if ((await warehouse.relations(schema, { signal, purpose })).has(name)) throw error;
    return [];
  }
}

function historyRow(row: Row): HistoryRow {
  const points: Readonly<Record<string, string | null>> = JSON.parse(textOf(row, 'points'));
  const cause = textOf(row, 'cause');
  return {
    at: textOf(row, 'as_of'),
    score: Number(row.score),
    tier: textOrNull(row, 'tier'),
    points: Object.fromEntries(Object.entries(points).map(([id, value]) => [id, Number(value ?? 0)])),
    modelVersion: textOf(row, 'model_version'),
    cause: causes.find((known) => known === cause) ?? null,
  };
}
