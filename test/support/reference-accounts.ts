import { Temporal } from 'temporal-polyfill';
import type { Aliases } from '../../src/project/entity-types.ts';
import type { ScorecardModel } from '../../src/project/model-types.ts';
import type { EventRule, RollupRule, Rule } from '../../src/project/rule-types.ts';
import type { DataRow } from './reference-score.ts';

/**
 * How people belong to accounts and holdings, whose an event is, and how scores roll up, computed row by row from what the
 * README says. Columns of keys are called `<entity>_id`.
 */

export interface PairRows {
  readonly child: string;
  readonly parent: string;
  /** Rows with the keys of both, of the child itself where it has the parent's key in a column. */
  readonly rows: readonly DataRow[];
  /** The column with the weight. */
  readonly weight?: string;
}

export interface Pair {
  readonly member: unknown;
  readonly owner: unknown;
  readonly weight: number;
}

/** Each pair once: weights of one pair add up, along a way they multiply; without any weight everyone counts 1. */
export function pairsOf(levels: readonly PairRows[]): readonly Pair[] {
  const isWeighted = levels.some(({ weight }) => weight !== undefined);
  const ways = levels
    .map(waysOf)
    .reduce((low, high) =>
      low.flatMap((way) =>
        high
          .filter(({ member }) => member === way.owner)
          .map(({ owner, weight }) => ({ member: way.member, owner, weight: way.weight * weight })),
      ),
    );
  const groups = Map.groupBy(ways, ({ member, owner }) => JSON.stringify([member, owner]));
  return [...groups.values()].flatMap(([first, ...more]) => {
    if (first === undefined) return [];
    const weight = isWeighted ? [first, ...more].reduce((sum, way) => sum + way.weight, 0) : 1;
    return [{ ...first, weight }];
  });
}

function waysOf({ child, parent, rows, weight }: PairRows): readonly Pair[] {
  const ways = rows.flatMap((row): readonly Pair[] => {
    const member = row[`${child}_id`];
    const owner = row[`${parent}_id`];
    if (member === null || owner === null) return [];
    return [{ member, owner, weight: weight === undefined ? 1 : Number(row[weight]) }];
  });
  // Without weights one belongs or does not, however often a relation says so.
  return weight === undefined ? [...new Map(ways.map((way) => [JSON.stringify(way), way])).values()] : ways;
}

/** Whom an event is of: its own key, or the one that its other id leads to by `asOf`. */
export function ownerOf(event: DataRow, aliases: Aliases | undefined, rows: readonly DataRow[], asOf: string): unknown {
  const own = event.person_id ?? null;
  if (aliases === undefined) return own;
  if (aliases.on !== 'person_id') return own ?? keyOf(event[aliases.on], aliases, rows, asOf);
  let at: unknown = own;
  for (let step = 0; step < 8; step += 1) {
    const next = keyOf(at, aliases, rows, asOf);
    if (next === null) return at;
    at = next;
  }
  // A circle, or a chain of more than eight steps: the id stands for itself.
  return keyOf(at, aliases, rows, asOf) === null ? at : own;
}

function keyOf(id: unknown, aliases: Aliases, rows: readonly DataRow[], asOf: string): unknown {
  const known = rows.filter((row) => {
    if (id === null || row[aliases.id] !== id || row.person_id === null) return false;
    if (aliases.at === undefined) return true;
    const at = row[aliases.at];
    return typeof at === 'string' && Temporal.Instant.compare(at, asOf) <= 0;
  });
  const newest = known.toSorted(
    (a, b) =>
      (aliases.at === undefined ? 0 : compare(b[aliases.at], a[aliases.at])) || compare(a.person_id, b.person_id),
  );
  return newest[0]?.person_id ?? null;
}

function compare(a: unknown, b: unknown): number {
  return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0;
}

/** A row for each event and whom it counts for, with the weight in `share`. */
export function eventsOfOwners(
  events: readonly DataRow[],
  { owner, pairs, key }: { owner(event: DataRow): unknown; readonly pairs: readonly Pair[]; readonly key: string },
): readonly DataRow[] {
  return events.flatMap((event) => {
    const member = owner(event);
    return pairs
      .filter((pair) => member !== null && pair.member === member)
      .map((pair) => ({ ...event, [key]: pair.owner, share: pair.weight }));
  });
}

/** The same card over events that have the key themselves, with points that count by `share`; points for a number do not. */
export function overOwnEvents(card: ScorecardModel, sql: Map<string, (row: DataRow) => unknown>): ScorecardModel {
  const rules = card.rules.map((rule): Rule => {
    if (rule.kind === 'absence') return { ...rule, by: undefined };
    if (rule.kind !== 'event') return rule;
    return { ...rule, by: undefined, points: sharedPoints(rule, sql) };
  });
  return { ...card, rules };
}

function sharedPoints(
  { points, atLeast }: EventRule,
  sql: Map<string, (row: DataRow) => unknown>,
): EventRule['points'] {
  if (atLeast !== undefined) return points;
  const text = `${JSON.stringify(points)} * share`;
  const each = typeof points === 'object' && 'sql' in points ? points.sql : null;
  sql.set(text, (row) => (each === null ? Number(points) : Number(row[each] ?? 0)) * Number(row.share));
  return { sql: text };
}

export interface MemberRow extends DataRow {
  readonly score: number;
  readonly tier: string | null;
  /** Of the membership. */
  readonly share: number;
}

export interface RollupMeaning {
  where(row: DataRow): unknown;
  weight(row: DataRow): number;
}

/** Points before rounding and limit. @param members the rows of those who belong to the entity */
export function rollupPoints(
  rule: RollupRule,
  entity: DataRow,
  members: readonly MemberRow[],
  meaning: RollupMeaning,
): number {
  const rows = members
    .filter(({ tier }) => tier !== 'disqualified')
    .filter((row) => rule.where === undefined || meaning.where(row) === true)
    .map((row) => ({
      row,
      score: row.score,
      weight: row.share * (rule.weight === undefined ? 1 : meaning.weight(row)),
    }));
  const per = rule.per === undefined ? 1 : Number(entity[rule.per] ?? 0);
  const result = per > 0 ? aggregated(rule.agg, rows) / per : 0;
  const points = Number(rule.points);
  if (rule.atLeast === undefined) return points * result;
  return result >= Number(rule.atLeast) ? points : 0;
}

interface Weighed {
  readonly row: DataRow;
  readonly score: number;
  readonly weight: number;
}

function aggregated(agg: RollupRule['agg'], rows: readonly Weighed[]): number {
  const sum = (some: readonly Weighed[], of: (one: Weighed) => number) =>
    some.reduce((total, one) => total + of(one), 0);
  const mean = (some: readonly Weighed[]) => {
    const weights = sum(some, ({ weight }) => weight);
    return weights === 0 ? 0 : sum(some, ({ score, weight }) => score * weight) / weights;
  };
  switch (agg.kind) {
    case 'sum':
      return sum(rows, ({ score, weight }) => score * weight);
    case 'max':
      return rows.length === 0 ? 0 : Math.max(...rows.map(({ score, weight }) => score * weight));
    case 'avg':
      return mean(rows);
    case 'top_avg':
      return mean(rows.toSorted((a, b) => b.score - a.score || b.weight - a.weight).slice(0, agg.top));
    case 'count':
      return sum(rows, ({ weight }) => weight);
    case 'distinct':
      return new Set(rows.map(({ row }) => row[agg.column]).filter((value) => value !== null)).size;
    case 'noisy_or':
      return (
        1 - rows.reduce((doubt, { score, weight }) => doubt * (1 - Math.min(1, Math.max(0, (score * weight) / 100))), 1)
      );
  }
}
