import { Temporal } from 'temporal-polyfill';
import type { Decay, Duration, EventRule, Rule, ScorecardModel } from '../../src/project/types.ts';

/**
 * A scorecard computed row by row, written from the contract and not from the compiler: what the compiled SQL must agree
 * with. Parameters and templates are not read: relations go by the text of their template, SQL by the functions given.
 */

export type DataRow = Readonly<Record<string, unknown>>;

export interface ReferenceData {
  readonly entities: readonly DataRow[];
  /** By the template of the relation. */
  readonly events: ReadonlyMap<string, readonly DataRow[]>;
  readonly key: string;
  readonly asOf: string;
  readonly timeZone: string;
  /** What SQL of the card means, by its text. */
  readonly sql: ReadonlyMap<string, (row: DataRow) => unknown>;
}

/** All points in millionths, so that sums are exact. */
export interface ReferenceScore {
  readonly rules: ReadonlyMap<string, number>;
  readonly score: number;
  readonly tier: string | null;
  readonly reasons: string;
}

const million = 1_000_000;

export function referenceScore(model: ScorecardModel, entity: DataRow, data: ReferenceData): ReferenceScore {
  const rules = new Map(
    model.rules.map((rule) => {
      const points = inMillionths(rulePoints(rule, entity, data));
      const limit = rule.limit === undefined ? Number.POSITIVE_INFINITY : millionths(rule.limit);
      return [rule.id, clamp(points, -limit, limit)] as const;
    }),
  );
  let total = millionths(model.base);
  for (const group of [undefined, ...model.groups.values()]) {
    const members = model.rules.filter((rule) => rule.group === group?.name);
    const sum = members.reduce((points, rule) => points + (rules.get(rule.id) ?? 0), 0);
    const min = group?.min === undefined ? Number.NEGATIVE_INFINITY : millionths(group.min);
    const max = group?.max === undefined ? Number.POSITIVE_INFINITY : millionths(group.max);
    if (members.length > 0) total += clamp(sum, min, max);
  }
  if (model.range !== undefined) total = clamp(total, millionths(model.range.min), millionths(model.range.max));
  const score = model.round === 'none' ? total : roundToStep(total, millionths(model.round));
  const tier = model.tiers.find(({ at }) => at === undefined || score >= millionths(at));
  return { rules, score, tier: tier?.name ?? null, reasons: reasonsOf(model.rules, rules) };
}

/** The five strongest that make half a point or more: gains, then losses, the strongest first, of equals the earlier. */
function reasonsOf(rules: readonly Rule[], points: ReadonlyMap<string, number>): string {
  const felt = rules
    .map(({ id, label }) => ({ label, points: points.get(id) ?? 0 }))
    .filter((reason) => Math.abs(reason.points) >= million / 2)
    .toSorted((a, b) => Math.abs(b.points) - Math.abs(a.points))
    .slice(0, 5);
  const inOrder = [...felt.filter((reason) => reason.points > 0), ...felt.filter((reason) => reason.points < 0)];
  const words = inOrder.map((reason) => {
    const whole = roundToStep(reason.points, million) / million;
    return `${reason.label} (${whole > 0 ? '+' : ''}${whole})`;
  });
  return words.join('; ');
}

function rulePoints(rule: Rule, entity: DataRow, data: ReferenceData): number {
  switch (rule.kind) {
    case 'attribute':
      return evaluate(rule.when, entity, data) === true ? pointsOf(rule, entity, data) : 0;
    case 'numeric':
      return pointsOf(rule, entity, data) * asNumber(evaluate(rule.value, entity, data));
    case 'absence': {
      const found = rule.noEvents.some((relation) =>
        agedEvents({ ...rule, events: relation }, entity, data).some((event) => isYounger(event, rule.within)),
      );
      return found ? 0 : pointsOf(rule, entity, data);
    }
    case 'event':
      return eventPoints(rule, entity, data);
  }
}

interface AgedEvent {
  readonly row: DataRow;
  readonly at: Temporal.Instant;
  readonly ageDays: number;
  readonly ageSeconds: number;
}

function eventPoints(rule: EventRule, entity: DataRow, data: ReferenceData): number {
  const { within, maxPerDay, count, decay } = rule;
  let events = agedEvents(rule, entity, data);
  if (within !== undefined) events = events.filter((event) => isYounger(event, within));
  if (count.kind === 'distinct') events = events.filter(({ row }) => evaluate(count.column, row, data) !== null);
  const worth = (event: AgedEvent) => pointsOf(rule, event.row, data);
  const left = (event: AgedEvent) => worth(event) * (decay === undefined ? 1 : share(decay, event));

  if (maxPerDay !== undefined) {
    const days = Map.groupBy(events, (event) => event.ageDays);
    const inDay = (a: AgedEvent, b: AgedEvent) => {
      const value = (event: AgedEvent) =>
        count.kind === 'distinct' ? String(evaluate(count.column, event.row, data)) : '';
      return Temporal.Instant.compare(a.at, b.at) || worth(b) - worth(a) || (value(a) < value(b) ? -1 : 1);
    };
    events = [...days.values()].flatMap((day) => day.toSorted(inDay).slice(0, Number(maxPerDay)));
  }
  if (count.kind === 'each') return sumOf(events.map(left));
  const key = (event: AgedEvent) => (count.kind === 'distinct' ? evaluate(count.column, event.row, data) : 'all');
  return sumOf([...Map.groupBy(events, key).values()].map((some) => strongest(some.map(left))));
}

function agedEvents(
  rule: { readonly events: string; readonly at: string; readonly where?: string },
  entity: DataRow,
  data: ReferenceData,
): readonly AgedEvent[] {
  const key = entity[data.key];
  const asOf = Temporal.Instant.from(data.asOf);
  const today = asOf.toZonedDateTimeISO(data.timeZone).toPlainDate();
  return (data.events.get(rule.events) ?? []).flatMap((row): readonly AgedEvent[] => {
    const written = row[rule.at];
    if (key === null || row[data.key] !== key || typeof written !== 'string') return [];
    if (rule.where !== undefined && evaluate(rule.where, row, data) !== true) return [];
    const { at, day } = readTime(written, data.timeZone);
    if (Temporal.Instant.compare(at, asOf) > 0) return [];
    const ageDays = day.until(today, { largestUnit: 'days' }).days;
    return [{ row, at, ageDays, ageSeconds: (asOf.epochMilliseconds - at.epochMilliseconds) / 1000 }];
  });
}

/** `2026-01-31`, `2026-01-31T08:00:00` on the wall of the zone, or an instant with Z. */
function readTime(
  written: string,
  timeZone: string,
): { readonly at: Temporal.Instant; readonly day: Temporal.PlainDate } {
  if (written.endsWith('Z')) {
    const at = Temporal.Instant.from(written);
    return { at, day: at.toZonedDateTimeISO(timeZone).toPlainDate() };
  }
  const wall = Temporal.PlainDateTime.from(written);
  // A time that clocks repeat means its second occurrence; one that they skip counts with the offset before.
  const later = wall.toZonedDateTime(timeZone, { disambiguation: 'later' });
  const exists = later.toPlainDateTime().equals(wall);
  const at = exists ? later : wall.toZonedDateTime(timeZone, { disambiguation: 'compatible' });
  return { at: at.toInstant(), day: wall.toPlainDate() };
}

function isYounger(event: AgedEvent, within: NonNullable<EventRule['within']>): boolean {
  const { length, age } = measured(within, event);
  return age < length;
}

function share(decay: Decay, event: AgedEvent): number {
  switch (decay.kind) {
    case 'half_life': {
      const { length, age } = measured(decay.halfLife, event);
      return 0.5 ** (age / length);
    }
    case 'linear': {
      const { length, age } = measured(decay.to, event);
      return Math.max(0, 1 - age / length);
    }
    case 'step': {
      const { length, age } = measured(decay.every, event);
      return Math.max(0, 1 - Number(decay.by) * Math.floor(age / length));
    }
  }
}

/** Days and weeks count calendar days; hours and minutes are exact. */
function measured(
  setting: NonNullable<EventRule['within']>,
  event: AgedEvent,
): { readonly length: number; readonly age: number } {
  const { amount, unit } = setting as Duration;
  const days = { week: 7, day: 1, hour: 0, minute: 0 }[unit];
  if (days > 0) return { length: amount * days, age: event.ageDays };
  return { length: amount * (unit === 'hour' ? 3600 : 60), age: event.ageSeconds };
}

/** Worth most whether it gives or takes; of equals the one that gives. */
function strongest(points: readonly number[]): number {
  return points.toSorted((a, b) => Math.abs(b) - Math.abs(a) || b - a)[0] ?? 0;
}

function pointsOf({ points }: Rule, row: DataRow, data: ReferenceData): number {
  if (typeof points === 'number') return points;
  if ('sql' in points) return asNumber(evaluate(points.sql, row, data));
  throw new TypeError('The reference reads no parameters');
}

function evaluate(sql: string, row: DataRow, { sql: meanings }: ReferenceData): unknown {
  const meaning = meanings.get(sql);
  if (meaning !== undefined) return meaning(row);
  if (sql in row) return row[sql];
  throw new TypeError(`The reference does not know the SQL ${sql}`);
}

function asNumber(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

function sumOf(points: readonly number[]): number {
  return points.reduce((sum, some) => sum + some, 0);
}

function clamp(value: number, min: number, max: number): number {
  return Math.max(min, Math.min(max, value));
}

/** Half away from zero; what binary fractions add beyond the twelfth decimal does not decide. */
function inMillionths(points: number): number {
  if (!Number.isFinite(points)) return 0;
  const scaled = Number((Math.abs(points) * million).toFixed(6));
  return withoutSign0(Math.sign(points) * Math.round(scaled));
}

/** JavaScript has a zero below zero; decimals do not. */
function withoutSign0(value: number): number {
  return value === 0 ? 0 : value;
}

function millionths(setting: unknown): number {
  return Math.round(Number(setting) * million);
}

function roundToStep(total: number, step: number): number {
  return withoutSign0(Math.sign(total) * Math.floor((2 * Math.abs(total) + step) / (2 * step)) * step);
}
