import { Temporal } from 'temporal-polyfill';
import type { ScorecardModel } from '../../src/project/model-types.ts';
import type { AbsenceRule, Band, Decay, EventRule, RollupRule, Rule, Session } from '../../src/project/rule-types.ts';
import type { Duration } from '../../src/project/setting-types.ts';

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
  /** The points of a roll-up before rounding and limit, which takes the rows of other models. */
  readonly rollup?: (rule: RollupRule, entity: DataRow) => number;
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
      const points = inMillionths(bent(rule, rulePoints(rule, entity, data)));
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
  return {
    rules,
    score,
    tier: tier?.name ?? null,
    reasons: reasonsOf(model.rules, rules, (rule) => named(rule, entity, data)),
  };
}

/** The five strongest that make half a point or more: gains, then losses, the strongest first, of equals the earlier. */
function reasonsOf(
  rules: readonly Rule[],
  points: ReadonlyMap<string, number>,
  nameOf: (rule: Rule) => string,
): string {
  const felt = rules
    .map((rule) => ({ rule, points: points.get(rule.id) ?? 0 }))
    .filter((reason) => Math.abs(reason.points) >= million / 2)
    .toSorted((a, b) => Math.abs(b.points) - Math.abs(a.points))
    .slice(0, 5);
  const inOrder = [...felt.filter((reason) => reason.points > 0), ...felt.filter((reason) => reason.points < 0)];
  const words = inOrder.map((reason) => {
    const whole = roundToStep(reason.points, million) / million;
    return `${nameOf(reason.rule)} (${whole > 0 ? '+' : ''}${whole})`;
  });
  return words.join('; ');
}

/** What counts, and since when, where that says more than that the rule holds. */
function named(rule: Rule, entity: DataRow, data: ReferenceData): string {
  if (rule.kind !== 'event' || rule.count.kind === 'once') return rule.label;
  if (rule.atLeast !== undefined || rule.session?.least?.measure === 'count') return rule.label;
  const window = rule.within === undefined ? '' : ` in ${inWords(rule.within as Duration)}`;
  const { decay } = rule;
  const counted = countedEvents(rule, entity, data);
  const fades = decay !== undefined && bandsOf(rule) === null;
  const number = numberOf(fades ? counted.filter((event) => share(decay, event) > 0) : counted, rule, data);
  if (rule.count.kind === 'distinct') return `${rule.label}: ${number}${window}`;
  return `${rule.label} ${number === 1 ? 'once' : `${number} times`}${window}`;
}

function inWords({ amount, unit }: Duration): string {
  const [number, word] = unit === 'week' ? [7 * amount, 'day'] : [amount, unit];
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}

function bent({ curve, limit }: Rule, sum: number): number {
  switch (curve?.kind) {
    case undefined:
      return sum;
    case 'log':
      return Math.sign(sum) * Number(curve.factor) * Math.log1p(Math.abs(sum));
    case 'half_at':
      return (Number(limit) * sum) / (Math.abs(sum) + Number(curve.at));
  }
}

function rulePoints(rule: Rule, entity: DataRow, data: ReferenceData): number {
  switch (rule.kind) {
    case 'attribute':
      return evaluate(rule.when, entity, data) === true ? pointsOf(rule, entity, data) : 0;
    case 'numeric':
      return pointsOf(rule, entity, data) * asNumber(evaluate(rule.value, entity, data));
    case 'absence':
      return pointsOf(rule, entity, data) * silentPeriods(rule, entity, data);
    case 'event':
      return eventPoints(rule, entity, data);
    case 'rollup':
      return data.rollup?.(rule, entity) ?? 0;
  }
}

/** The first event of each session that counts. */
function sessionsOf({ by, least }: Session, events: readonly AgedEvent[], data: ReferenceData): AgedEvent[] {
  const inTime = events.toSorted((a, b) => Temporal.Instant.compare(a.at, b.at));
  const sessions: AgedEvent[][] = [];
  if (by.kind === 'column') {
    const named = inTime.filter(({ row }) => evaluate(by.column, row, data) !== null);
    sessions.push(...Map.groupBy(named, ({ row }) => evaluate(by.column, row, data)).values());
  } else {
    for (const event of inTime) {
      const before = sessions.at(-1)?.at(-1);
      const isApart = (last: AgedEvent) =>
        measured(by.gap, last).age - measured(by.gap, event).age >= measured(by.gap, event).length;
      if (before === undefined || isApart(before)) sessions.push([event]);
      else sessions.at(-1)?.push(event);
    }
  }
  const isEnough = (session: readonly AgedEvent[]) => {
    if (least === undefined || least.measure === 'count') return true;
    const seconds = (session[0]?.ageSeconds ?? 0) - (session.at(-1)?.ageSeconds ?? 0);
    return (least.measure === 'pages' ? session.length : seconds / 60) >= Number(least.atLeast);
  };
  return sessions.filter(isEnough).flatMap((session) => session.slice(0, 1));
}

function bandsOf({ points, atLeast, session }: EventRule): readonly Band[] | null {
  if (session?.least?.measure === 'count') return [{ atLeast: session.least.atLeast, points: Number(points) }];
  if (typeof points === 'object' && 'bands' in points) return points.bands;
  return atLeast === undefined ? null : [{ atLeast, points: Number(points) }];
}

/** Once as soon as nothing happened for the window, again for each full period after it, and not at all once recovered. */
function silentPeriods(rule: AbsenceRule, entity: DataRow, data: ReferenceData): number {
  const ageOf = (event: AgedEvent) => measured(rule.within, event).age;
  const length = measured(rule.within, { ageDays: 0, ageSeconds: 0 }).length;
  const events = rule.noEvents.flatMap((relation) => agedEvents({ ...rule, events: relation }, entity, data));
  const newest = Math.min(...events.map(ageOf));
  if (newest < length) return 0;
  if (recoveriesOf(rule, entity, data).some((event) => ageOf(event) <= newest - length)) return 0;
  if (rule.repeat === undefined) return 1;
  const enough = Math.ceil(Number(rule.limit) / Math.abs(Number(rule.points)));
  const period = measured(rule.repeat, { ageDays: 0, ageSeconds: 0 }).length;
  return Math.min(enough, 1 + Math.floor((newest - length) / period));
}

function recoveriesOf(
  { recover }: EventRule | AbsenceRule,
  entity: DataRow,
  data: ReferenceData,
): readonly AgedEvent[] {
  return recover === undefined ? [] : agedEvents({ ...recover, events: recover.on }, entity, data);
}

interface AgedEvent {
  readonly row: DataRow;
  readonly at: Temporal.Instant;
  readonly ageDays: number;
  readonly ageSeconds: number;
}

/** Before any decay. */
function countedEvents(rule: EventRule, entity: DataRow, data: ReferenceData): readonly AgedEvent[] {
  const { within, between, maxPerDay, count } = rule;
  let events = agedEvents(rule, entity, data);
  const recoveries = recoveriesOf(rule, entity, data);
  events = events.filter(({ at }) => !recoveries.some((recovery) => Temporal.Instant.compare(recovery.at, at) > 0));
  if (within !== undefined) events = events.filter((event) => isYounger(event, within));
  if (between !== undefined) {
    events = events.filter((event) => !isYounger(event, between.from) && isYounger(event, between.to));
  }
  if (count.kind === 'distinct') events = events.filter(({ row }) => evaluate(count.column, row, data) !== null);
  const worth = (event: AgedEvent) => pointsOf(rule, event.row, data);
  if (rule.session !== undefined) events = sessionsOf(rule.session, events, data);
  if (maxPerDay !== undefined) {
    const days = Map.groupBy(events, (event) => event.ageDays);
    const inDay = (a: AgedEvent, b: AgedEvent) => {
      const value = (event: AgedEvent) =>
        count.kind === 'distinct' ? String(evaluate(count.column, event.row, data)) : '';
      return Temporal.Instant.compare(a.at, b.at) || worth(b) - worth(a) || (value(a) < value(b) ? -1 : 1);
    };
    events = [...days.values()].flatMap((day) => day.toSorted(inDay).slice(0, Number(maxPerDay)));
  }
  return events;
}

function numberOf(events: readonly AgedEvent[], { count }: EventRule, data: ReferenceData): number {
  if (count.kind !== 'distinct') return events.length;
  return new Set(events.map(({ row }) => evaluate(count.column, row, data))).size;
}

function eventPoints(rule: EventRule, entity: DataRow, data: ReferenceData): number {
  const { count, decay } = rule;
  const events = countedEvents(rule, entity, data);
  const left = (event: AgedEvent) => pointsOf(rule, event.row, data) * (decay === undefined ? 1 : share(decay, event));
  const bands = bandsOf(rule);
  if (bands !== null) {
    const number = numberOf(events, rule, data);
    const reached = bands.filter((band) => number >= Number(band.atLeast));
    const highest = reached.toSorted((a, b) => Number(b.atLeast) - Number(a.atLeast))[0];
    const newest = events.toSorted((a, b) => Temporal.Instant.compare(b.at, a.at))[0];
    if (highest === undefined || newest === undefined) return 0;
    return Number(highest.points) * (decay === undefined ? 1 : share(decay, newest));
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
  event: Pick<AgedEvent, 'ageDays' | 'ageSeconds'>,
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
  if ('bands' in points) return 0;
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
