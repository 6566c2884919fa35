import { inTierOrder } from '../../project/tier-order.ts';
import type { Fragment } from '../../sql/types.ts';
import type { Row, StatementOptions, Warehouse } from '../../warehouse/port.ts';
import { bucketEdges, chooseBuckets, type ScoreBuckets } from './score-buckets.ts';
import type { RuleChange, ScoreDiff, ScoredRow, ScoreMove } from './score-diff.ts';
import { details, type RuleColumn, ruleColumns, type ScorePair, summary } from './score-queries.ts';

export interface CompareScoresRequest extends Omit<ScorePair, 'dialect'> {
  readonly warehouse: Warehouse;
  readonly options: StatementOptions;
  /** Of the model, the highest first. */
  readonly tiers: readonly string[];
}

/** Compares two builds of a scored model, key by key, in the warehouse: two statements. */
export async function compareScores(request: CompareScoresRequest): Promise<Omit<ScoreDiff, 'model'>> {
  const { warehouse, options } = request;
  const ask = (select: Fragment) => warehouse.query(warehouse.dialect.compile(select), options);
  const pair: ScorePair = { ...request, dialect: warehouse.dialect };
  const rules = ruleColumns(pair);
  const [sums] = await ask(summary(pair, rules));
  if (sums === undefined) throw new TypeError('A sum gave no row');
  const [min, max] = [numberOrNull(sums, 'min_score'), numberOrNull(sums, 'max_score')];
  const buckets = min === null || max === null ? null : chooseBuckets(min, max);
  const rows = await ask(details(pair, buckets));
  const part = (name: string) => rows.filter((row) => row.part === name);
  return {
    tiers: request.tiers,
    rows: {
      before: number(sums, 'rows_before'),
      after: number(sums, 'rows_after'),
      appeared: number(sums, 'appeared'),
      disappeared: number(sums, 'disappeared'),
      changed: number(sums, 'changed'),
      tierChanged: number(sums, 'tier_changed'),
    },
    mean: { before: numberOrNull(sums, 'mean_before'), after: numberOrNull(sums, 'mean_after') },
    modelVersion: { before: textOf(sums.version_before), after: textOf(sums.version_after) },
    distribution: buckets === null ? [] : distribution(buckets, part('bucket')),
    tierMoves: inTierOrder(
      part('tier').map((row) => ({ from: textOf(row.a), to: textOf(row.b), rows: number(row, 'n') })),
      request.tiers,
    ),
    rules: readRules(rules, sums),
    moves: part('move')
      .map(readMove)
      .sort((a, b) => distance(b) - distance(a) || byKey(a, b)),
    appeared: part('appeared')
      .map((row) => readRow(row, 'after'))
      .sort(byScore),
    disappeared: part('disappeared')
      .map((row) => readRow(row, 'before'))
      .sort(byScore),
  };
}

function distribution(buckets: ScoreBuckets, rows: readonly Row[]): ScoreDiff['distribution'] {
  const edges = bucketEdges(buckets);
  return edges.slice(0, -1).map((from, index) => {
    const row = rows.find((each) => Number(each.a) === index);
    const to = edges[index + 1] ?? from;
    return {
      from,
      to,
      before: row === undefined ? 0 : number(row, 'n'),
      after: row === undefined ? 0 : number(row, 'm'),
    };
  });
}

function readRules(rules: readonly RuleColumn[], sums: Row): readonly RuleChange[] {
  return rules.map(({ rule }, index) => ({
    rule,
    before: numberOrNull(sums, `before_${index}`),
    after: numberOrNull(sums, `after_${index}`),
  }));
}

function readMove(row: Row): ScoreMove {
  return {
    key: textOf(row.a) ?? '',
    before: { score: number(row, 'n'), tier: textOf(row.b), reasons: textOf(row.d) },
    after: { score: number(row, 'm'), tier: textOf(row.c), reasons: textOf(row.e) },
  };
}

function readRow(row: Row, side: 'before' | 'after'): ScoredRow {
  const [score, tier] = side === 'before' ? [row.n, row.b] : [row.m, row.c];
  return { key: textOf(row.a) ?? '', score: score === null ? null : Number(score), tier: textOf(tier) };
}

function distance({ before, after }: ScoreMove): number {
  return Math.abs(after.score - before.score);
}

function byScore(a: ScoredRow, b: ScoredRow): number {
  return (b.score ?? 0) - (a.score ?? 0) || byKey(a, b);
}

function byKey(a: { readonly key: string }, b: { readonly key: string }): number {
  return a.key < b.key ? -1 : 1;
}

function textOf(value: Row[string] | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}

function numberOrNull(row: Row, column: string): number | null {
  const value = row[column];
  return value === null || value === undefined ? null : Number(value);
}

function number(row: Row, column: string): number {
  const value = numberOrNull(row, column);
  if (value === null) throw new TypeError(`Column ${column} is null`);
  return value;
}
