import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import type { Group, ScorecardModel, Tier } from '../../src/project/model-types.ts';
import type { Bands, Decay, EventRule, Points, Recovery, Session } from '../../src/project/rule-types.ts';
import type { Duration } from '../../src/project/setting-types.ts';
import type { DataRow } from './reference-score.ts';
import { type RuleFacts, scorecard } from './scoring-context.ts';

/*
 * Random cards over three tables (leads, logins, views), and what their SQL means in JavaScript. Numbers are chosen so that
 * no sum lies half-way between two roundings by the noise of binary fractions alone: spans have few factors of two.
 */

export const leadColumns = { lead_id: 'integer', seniority: 'varchar', seats: 'integer' };

export const eventColumns = (timeType: TimeType) => ({
  lead_id: 'integer',
  happened_at: timeType,
  seen_at: 'timestamptz',
  device: 'varchar',
  url: 'varchar',
  amount: 'double',
});

export type TimeType = 'timestamptz' | 'timestamp' | 'date';

export const meaningOfSql: ReadonlyMap<string, (row: DataRow) => unknown> = new Map<string, (row: DataRow) => unknown>([
  ["device = 'web'", (row) => (row.device === null ? null : row.device === 'web')],
  ["amount > 0 or device = 'ios'", (row) => Number(row.amount ?? 0) > 0 || row.device === 'ios'],
  ['amount * 2 - 1', (row) => (row.amount === null ? null : Number(row.amount) * 2 - 1)],
  [
    "seniority in ('vp', 'cxo')",
    (row) => (row.seniority === null ? null : ['vp', 'cxo'].includes(String(row.seniority))),
  ],
  ['seats / 4.0 - 2', (row) => (row.seats === null ? null : Number(row.seats) / 4 - 2)],
]);

export const logins = "{{ ref('logins') }}";
export const views = "{{ source('web', 'views') }}";

const days = (...amounts: readonly number[]) => amounts.map((amount): Duration => ({ amount, unit: 'day' }));
const hours = (...amounts: readonly number[]) => amounts.map((amount): Duration => ({ amount, unit: 'hour' }));
const spans = fc.constantFrom(...days(1, 2, 7, 10, 30), ...hours(6, 12, 36), { amount: 1, unit: 'week' } as const);
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const points: fc.Arbitrary<Points> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(2, 5, -3, 0.25, 0) },
  { weight: 2, arbitrary: fc.constantFrom({ sql: 'amount' }, { sql: 'amount * 2 - 1' }) },
);
const entityPoints: fc.Arbitrary<Points> = fc.constantFrom(15, -4, 2.5, { sql: 'seats' }, { sql: 'seats / 4.0 - 2' });

/** Points for each event, or once for so many of them; what counts then. */
type CountedPoints = Pick<EventRule, 'points' | 'atLeast' | 'count'>;

const eventPoints: fc.Arbitrary<CountedPoints> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      points,
      count: fc.constantFrom<EventRule['count']>(
        { kind: 'each' },
        { kind: 'once' },
        { kind: 'distinct', column: 'url' },
      ),
    }),
  },
  fc.record({
    points: fc.constantFrom(5, -3, 0.25),
    atLeast: fc.constantFrom(1, 2, 3),
    count: fc.constantFrom<EventRule['count']>({ kind: 'each' }, { kind: 'distinct', column: 'url' }),
  }),
  fc.record({
    points: fc.constantFrom<Bands>(
      {
        bands: [
          { atLeast: 4, points: 20 },
          { atLeast: 2, points: 8 },
        ],
      },
      {
        bands: [
          { atLeast: 1, points: -1 },
          { atLeast: 3, points: -7.5 },
        ],
      },
      {
        bands: [
          { atLeast: 2, points: -5 },
          { atLeast: 3, points: 5 },
        ],
      },
    ),
    count: fc.constantFrom<EventRule['count']>({ kind: 'each' }, { kind: 'distinct', column: 'url' }),
  }),
);

/** Of sessions, for points in numbers, of each or of so many. */
const session: fc.Arbitrary<Session> = fc.record(
  {
    by: fc.constantFrom<Session['by']>(
      { kind: 'column', column: 'url' },
      { kind: 'gap', gap: { amount: 6, unit: 'hour' } },
      { kind: 'gap', gap: { amount: 1, unit: 'minute' } },
      { kind: 'gap', gap: { amount: 2, unit: 'day' } },
    ),
    least: fc.constantFrom<NonNullable<Session['least']>>(
      { measure: 'pages', atLeast: 2 },
      { measure: 'pages', atLeast: 3 },
      { measure: 'minutes', atLeast: 1 },
      { measure: 'minutes', atLeast: 360 },
      { measure: 'count', atLeast: 2 },
    ),
  },
  { requiredKeys: ['by'] },
);

/** What a rule on sessions can have of what one on events has. */
function ofSessions(
  counted: Session,
  { points, atLeast, count }: CountedPoints,
): CountedPoints & Pick<EventRule, 'session'> {
  const isOfNumber = counted.least?.measure === 'count';
  const plain = typeof points === 'object' && ('sql' in points || isOfNumber) ? 3 : points;
  const isOnce = count.kind === 'once' && !isOfNumber;
  return {
    session: counted,
    points: plain,
    atLeast: isOfNumber ? undefined : atLeast,
    count: { kind: isOnce ? 'once' : 'each' },
  };
}

const window: fc.Arbitrary<Pick<EventRule, 'within' | 'between'>> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ within: optional(spans) }) },
  fc.record({
    between: fc.constantFrom<NonNullable<EventRule['between']>>(
      { from: { amount: 2, unit: 'day' }, to: { amount: 30, unit: 'day' } },
      { from: { amount: 6, unit: 'hour' }, to: { amount: 1, unit: 'day' } },
      { from: { amount: 1, unit: 'day' }, to: { amount: 36, unit: 'hour' } },
      { from: { amount: 6, unit: 'hour' }, to: { amount: 36, unit: 'hour' } },
    ),
  }),
);

const decay: fc.Arbitrary<Decay> = fc.oneof(
  fc.record({ kind: fc.constant('half_life' as const), halfLife: spans }),
  fc.record({ kind: fc.constant('linear' as const), to: spans }),
  fc.record({ kind: fc.constant('step' as const), every: spans, by: fc.constantFrom(0.5, 0.3, 0.25, 1) }),
);

const at = fc.constantFrom('happened_at', 'happened_at', 'happened_at', 'seen_at');
const where = fc.constantFrom(undefined, undefined, "device = 'web'", "amount > 0 or device = 'ios'");
const common = { limit: optional(fc.constantFrom(3, 7.5, 20)), group: optional(fc.constantFrom('first', 'second')) };

/** A curve that comes near the limit needs one. */
const curve: fc.Arbitrary<Pick<RuleFacts, 'curve' | 'limit'>> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ limit: optional(fc.constantFrom(3, 7.5, 20)) }) },
  fc.record({
    curve: fc.constantFrom({ kind: 'log' as const, factor: 4 }, { kind: 'log' as const, factor: 0.5 }),
    limit: optional(fc.constantFrom(3, 7.5)),
  }),
  fc.record({ curve: fc.constant({ kind: 'half_at' as const, at: 6 }), limit: fc.constantFrom(3, 20) }),
);

const recovery: fc.Arbitrary<Recovery> = fc.record({ on: fc.constantFrom(logins, views), at, where });

/** Only penalties recover. */
function penalty(points: EventRule['points']): EventRule['points'] {
  if (typeof points === 'number') return points < 0 ? points : -3;
  if ('bands' in points)
    return {
      bands: [
        { atLeast: 1, points: -2.5 },
        { atLeast: 3, points: -8 },
      ],
    };
  return points;
}

/** Silence that is counted in periods goes by one unit, with points in numbers and a limit. */
const clocked: fc.Arbitrary<RuleFacts> = fc
  .record({
    unit: fc.constantFrom('day' as const, 'hour' as const),
    within: fc.constantFrom(1, 2, 10, 36),
    repeat: optional(fc.constantFrom(1, 3, 7)),
    limit: fc.constantFrom(3, 7.5, 40),
    points: fc.constantFrom(-5, -0.75),
    recover: optional(recovery),
    noEvents: fc.constantFrom([logins], [views, logins]),
    group: common.group,
    at,
    where,
  })
  .map(({ unit, within, repeat, ...facts }) => {
    const period: Duration | undefined = repeat === undefined ? undefined : { amount: repeat, unit };
    return { ...facts, kind: 'absence', within: { amount: within, unit }, repeat: period };
  });

const rule: fc.Arbitrary<RuleFacts> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .record({
        ...common,
        kind: fc.constant('event' as const),
        events: fc.constantFrom(logins, logins, logins, views),
        at,
        where,
        curve,
        eventPoints,
        session: fc.option(session, { nil: undefined, freq: 3 }),
        window,
        maxPerDay: optional(fc.constantFrom(1, 2)),
        decay: optional(decay),
        recover: fc.option(recovery, { nil: undefined, freq: 3 }),
      })
      .map(({ eventPoints: counted, session: visits, window: ages, curve: bends, ...facts }) => {
        const gives = visits === undefined ? counted : ofSessions(visits, counted);
        const given = facts.recover === undefined ? gives.points : penalty(gives.points);
        return { ...facts, ...gives, ...ages, ...bends, points: given };
      }),
  },
  fc.record({
    ...common,
    kind: fc.constant('absence' as const),
    noEvents: fc.constantFrom([logins], [views, logins], [logins, logins]),
    at,
    where,
    within: spans,
    points: entityPoints,
  }),
  { weight: 2, arbitrary: clocked },
  fc.record({
    ...common,
    kind: fc.constant('attribute' as const),
    when: fc.constantFrom("seniority in ('vp', 'cxo')"),
    points: entityPoints,
  }),
  fc
    .record({
      ...common,
      kind: fc.constant('numeric' as const),
      value: fc.constantFrom('seats', 'seats / 4.0 - 2'),
      points: entityPoints,
      curve,
    })
    .map(({ curve: bends, ...facts }) => ({ ...facts, ...bends })),
);

const limits = fc.constantFrom<Omit<Group, 'name'>>({}, { max: 10 }, { min: -5, max: 12.5 }, { min: 2 });
const tiers = fc.constantFrom<readonly Tier[]>(
  [],
  [{ name: 'hot', at: 7 }, { name: 'warm', at: 2.5 }, { name: 'cold' }],
  [{ name: 'high', at: 0 }],
);

export const randomCard: fc.Arbitrary<ScorecardModel> = fc
  .record({
    rules: fc.array(rule, { minLength: 1, maxLength: 8, size: 'max' }),
    first: limits,
    second: limits,
    base: fc.constantFrom(0, 5, -2.5),
    range: optional(fc.constantFrom({ min: 0, max: 20 }, { min: -5.5, max: 7.25 })),
    round: fc.constantFrom<ScorecardModel['round']>('none', 0.01, 1, 0.5, 5),
    tiers,
  })
  .map(({ first, second, ...facts }) => {
    const groups = new Map([
      ['first', { name: 'first', ...first }],
      ['second', { name: 'second', ...second }],
    ]);
    return scorecard({ ...facts, groups });
  });

/** Minutes before `as_of`: the edges of windows and days, a little later than `as_of`, and anything within 70 days. */
const minutesBefore = fc.oneof(
  fc.constantFrom(0, -1, 1, 360, 361, 720, 1440, 1441, 2160, 10_080, 10_079, 43_200),
  fc.integer({ min: -3000, max: 3000 }),
  fc.integer({ min: 0, max: 100_000 }),
);

export interface RandomEvents {
  readonly timeType: TimeType;
  readonly rows: readonly DataRow[];
}

export function randomEvents(asOf: string, timeZone: string): fc.Arbitrary<RandomEvents> {
  const moment = minutesBefore.map((minutes) => Temporal.Instant.from(asOf).subtract({ minutes }));
  return fc.constantFrom<TimeType>('timestamptz', 'timestamp', 'date').chain((timeType) =>
    fc
      .array(
        fc.record({
          lead_id: fc.constantFrom(1, 1, 1, 2, 2, 3, 99, null),
          happened_at: fc.option(
            moment.map((instant) => written(instant, timeType, timeZone)),
            { freq: 12 },
          ),
          seen_at: fc.option(moment.map((instant) => instant.toString())),
          device: fc.constantFrom('web', 'ios', null),
          url: fc.constantFrom('/a', '/b', '/c', null),
          amount: fc.constantFrom(1, 2.5, -2.5, 0, -0.75, 4, null),
        }),
        { maxLength: 25 },
      )
      .map((rows) => ({ timeType, rows })),
  );
}

function written(instant: Temporal.Instant, timeType: TimeType, timeZone: string): string {
  const local = instant.toZonedDateTimeISO(timeZone);
  switch (timeType) {
    case 'timestamptz':
      return instant.toString();
    case 'timestamp':
      return local.toPlainDateTime().toString();
    case 'date':
      return local.toPlainDate().toString();
  }
}

export const randomLeads: fc.Arbitrary<readonly DataRow[]> = fc
  .array(fc.record({ seniority: fc.constantFrom('vp', 'intern', null), seats: fc.constantFrom(0, 3, 10, null) }), {
    minLength: 3,
    maxLength: 3,
  })
  .map((leads) => leads.map((facts, index) => ({ lead_id: index + 1, ...facts })));
