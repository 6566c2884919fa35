import { sql } from 'kysely';
import type { Duration } from '../project/setting-types.ts';
import type { Dialect, Fragment } from './types.ts';

/** What a macro's argument is, in the words of its messages. */
export const argumentKinds = {
  sql: "SQL in quotes, such as 'created_at'",
  text: "text in quotes, such as ', '",
  duration: "a duration such as '14d', or param('…') of that type",
  count: 'a whole number from 1 to 1000000',
} as const;

export interface Parameter {
  readonly name: string;
  readonly kind: keyof typeof argumentKinds;
  /** A macro takes its own default. */
  readonly optional?: true;
}

/** The arguments of one call, read as the parameters say. */
export interface MacroArguments {
  sql(name: string): Fragment;
  optionalSql(name: string): Fragment | null;
  text(name: string): string;
  duration(name: string): Duration;
  count(name: string): number;
  /** The run's instant, for macros that declare `readsAsOf`. */
  asOf(): Fragment;
}

export interface Macro {
  readonly parameters: readonly Parameter[];
  readonly readsAsOf?: true;
  expand(dialect: Dialect, args: MacroArguments): Fragment;
}

/** What warehouses spell differently, for templates. SQL arguments are columns or expressions. */
export const macros = {
  /** The calendar day of a date or time, in the project's time zone. */
  day: {
    parameters: [{ name: 'at', kind: 'sql' }],
    expand: (dialect, args) => dialect.day(args.sql('at')),
  },
  days_between: {
    parameters: [
      { name: 'from', kind: 'sql' },
      { name: 'to', kind: 'sql' },
    ],
    expand: (dialect, args) => dialect.daysBetween(args.sql('from'), args.sql('to')),
  },
  seconds_between: {
    parameters: [
      { name: 'from', kind: 'sql' },
      { name: 'to', kind: 'sql' },
    ],
    expand: (dialect, args) => dialect.secondsBetween(args.sql('from'), args.sql('to')),
  },
  /** 1 at `as_of`, a half after each half-life, 0 for what is later; whole days where the half-life is in days or weeks. */
  half_life_decay: {
    parameters: [
      { name: 'at', kind: 'sql' },
      { name: 'half_life', kind: 'duration' },
    ],
    readsAsOf: true,
    expand: (dialect, args) => halfLifeDecay(dialect, args.sql('at'), args.duration('half_life'), args.asOf()),
  },
  email_domain: {
    parameters: [{ name: 'email', kind: 'sql' }],
    expand: (dialect, args) => dialect.emailDomain(args.sql('email')),
  },
  url_path: {
    parameters: [{ name: 'url', kind: 'sql' }],
    expand: (dialect, args) => dialect.urlPath(args.sql('url')),
  },
  /** 0 to buckets - 1, always the same for a key and salt. */
  hash_bucket: {
    parameters: [
      { name: 'key', kind: 'sql' },
      { name: 'salt', kind: 'text' },
      { name: 'buckets', kind: 'count' },
    ],
    expand: (dialect, args) => dialect.hashBucket(args.sql('key'), args.text('salt'), args.count('buckets')),
  },
  /** Null where the divisor is 0. */
  safe_divide: {
    parameters: [
      { name: 'dividend', kind: 'sql' },
      { name: 'divisor', kind: 'sql' },
    ],
    expand: (dialect, args) => dialect.safeDivide(args.sql('dividend'), args.sql('divisor')),
  },
  /** An aggregate; in the order of the values themselves where no other is given. */
  string_agg: {
    parameters: [
      { name: 'value', kind: 'sql' },
      { name: 'separator', kind: 'text' },
      { name: 'order_by', kind: 'sql', optional: true },
    ],
    expand: (dialect, args) =>
      dialect.stringAgg(args.sql('value'), args.text('separator'), args.optionalSql('order_by') ?? args.sql('value')),
  },
} as const satisfies Record<string, Macro>;

export type MacroName = keyof typeof macros;

function halfLifeDecay(dialect: Dialect, at: Fragment, halfLife: Duration, asOf: Fragment): Fragment {
  const { age, length } = ageIn(halfLife, dialect, at, asOf);
  const weight = sql`power(0.5, ${age} / ${dialect.double(length)})`;
  return sql`case when ${dialect.notAfter(at, asOf)} then ${weight} when ${at} is not null then 0 end`;
}

/** The age of an event and a duration in the same unit, by the grain of the duration. */
function ageIn(duration: Duration, dialect: Dialect, at: Fragment, asOf: Fragment): { age: Fragment; length: number } {
  switch (duration.unit) {
    case 'day':
      return { age: dialect.daysBetween(at, asOf), length: duration.amount };
    case 'week':
      return { age: dialect.daysBetween(at, asOf), length: duration.amount * 7 };
    case 'hour':
      return { age: dialect.secondsBetween(at, asOf), length: duration.amount * 3600 };
    case 'minute':
      return { age: dialect.secondsBetween(at, asOf), length: duration.amount * 60 };
    default:
      throw new TypeError(`No such unit: ${duration.unit satisfies never}`);
  }
}
