import { sql } from 'kysely';
import type { PropertyType, SyncProperty } from '../project/sync-types.ts';
import { castTo } from '../sql/cast-to.ts';
import type { Dialect, Fragment } from '../sql/types.ts';
import type { Column } from '../warehouse/port.ts';

export type ColumnKind = Column['type']['kind'];

/** Column types that a property of each type can hold; planning refuses the others. */
export const columnKindsOfProperty: Readonly<Record<PropertyType, readonly ColumnKind[]>> = {
  // No timestamps: each warehouse writes them its own way.
  string: ['text', 'integer', 'decimal', 'double', 'boolean', 'date'],
  enumeration: ['text', 'integer', 'decimal', 'double', 'boolean'],
  number: ['integer', 'decimal', 'double'],
  bool: ['boolean'],
  date: ['date', 'timestamp'],
  datetime: ['date', 'timestamp'],
};

/** HubSpot's limit for the text of a property. */
export const maxTextLength = 65_536;
const cutMarker = ' … [cut by Scoreline]';

/** Decimals of a binary number where the property says none: what a score is rounded to, and beyond it noise begins. */
const defaultDecimals = 6;
/** Digits of the widest decimal that all warehouses have, and of the widest that is as quick as a whole number. */
const maxDigits = 38;
const fastDigits = 18;

export interface FormattedValue {
  /** The text that HubSpot wants; null for a null, and for the empty text, which HubSpot cannot hold. */
  readonly text: Fragment;
  /** True where the value is there and HubSpot cannot hold it: NaN, an infinity (of times too), a number with too many digits. */
  readonly invalid: Fragment | null;
  /** Where `text` is dear: a cheap text that differs whenever `text` does, and is null as it is. */
  readonly digest?: Fragment;
}

/**
 * A column's value as HubSpot holds it: plain decimals without exponent and closing zeros, `true` and `false`, dates as
 * `2026-01-31` (the project's day), datetimes as `2026-01-31T08:30:00Z`, text cut at HubSpot's limit. White space at the ends
 * of a text is left to `withoutEnds`, since it is dear to take away from all rows.
 * @param column one of the kinds that `columnKindsOfProperty` allows
 * @param options of an enumeration: a value that is none of them is invalid
 */
export function formatValue(
  dialect: Dialect,
  property: Pick<SyncProperty, 'type' | 'decimals'>,
  column: Column,
  value: Fragment,
  options?: readonly string[],
): FormattedValue {
  switch (property.type) {
    case 'number':
      return formatNumber(dialect, column, value, property.decimals);
    case 'bool':
      return { text: formatBoolean(value), invalid: null };
    case 'date':
      return formatTime(dialect, column, value, asText(dialect, dialect.day(value)));
    case 'datetime': {
      // HubSpot leaves milliseconds away where there are none.
      const text = sql`replace(${dialect.instantText(value)}, '.000Z', 'Z')`;
      return { ...formatTime(dialect, column, value, text), digest: epochMs(dialect, value) };
    }
    case 'string':
      return formatText(dialect, column, value);
    case 'enumeration':
      return formatChoice(dialect, formatText(dialect, column, value), options);
    default: {
      const unknown: never = property.type;
      throw new TypeError(`Unknown property type ${String(unknown)}`);
    }
  }
}

function formatText(dialect: Dialect, column: Column, value: Fragment): FormattedValue {
  switch (column.type.kind) {
    case 'integer':
    case 'decimal':
    case 'double':
      return formatNumber(dialect, column, value, undefined);
    case 'boolean':
      return { text: formatBoolean(value), invalid: null };
    default:
      return { text: cutText(asText(dialect, value)), invalid: null };
  }
}

function formatChoice(
  dialect: Dialect,
  { text, invalid }: FormattedValue,
  options: readonly string[] | undefined,
): FormattedValue {
  if (options === undefined) return { text, invalid };
  const isNone = sql`coalesce(${text} not in ${dialect.inList(options)}, false)`;
  return { text, invalid: invalid === null ? isNone : sql`(${invalid} or ${isNone})` };
}

function formatNumber(dialect: Dialect, column: Column, value: Fragment, decimals: number | undefined): FormattedValue {
  const { type } = column;
  if (type.kind === 'integer') return { text: asText(dialect, value), invalid: null };
  if (type.kind === 'decimal') {
    const scale = Math.min(decimals ?? type.scale, type.scale);
    const rounded =
      scale === type.scale ? value : castTo(dialect, sql`round(${value}, ${sql.lit(scale)})`, { ...type, scale });
    return { text: dialect.decimalText(rounded, scale), invalid: null };
  }
  const scale = decimals ?? defaultDecimals;
  // Decimal types overflow with an error, and NaN must not become a null that is skipped in silence.
  const isBelow = (power: number) => sql`abs(${value}) < ${sql.raw(`1e${power}`)}`;
  const fine = dialect.decimalText(dialect.roundTo(value, fastDigits, scale), scale);
  // A binary number with more digits before the point has none worth sending behind it.
  const whole = dialect.decimalText(dialect.roundTo(value, maxDigits, 0), 0);
  return {
    text: sql`case when ${isBelow(fastDigits - 1 - scale)} then ${fine} when ${isBelow(maxDigits - 1)} then ${whole} end`,
    invalid: sql`${value} is not null and not (${isBelow(maxDigits - 1)})`,
  };
}

function formatBoolean(value: Fragment): Fragment {
  return sql`case when ${value} then 'true' when not ${value} then 'false' end`;
}

/** HubSpot takes years of four digits alone, and no infinities. */
function formatTime(dialect: Dialect, { type }: Column, value: Fragment, text: Fragment): FormattedValue {
  const [first, last] =
    type.kind === 'date'
      ? [dialect.bind({ kind: 'date' }, '0001-01-01'), dialect.bind({ kind: 'date' }, '9999-12-31')]
      : [
          dialect.bind({ kind: 'timestamp' }, '0001-01-02T00:00:00Z'),
          dialect.bind({ kind: 'timestamp' }, '9999-12-30T00:00:00Z'),
        ];
  const isPlain = sql`${value} between ${first} and ${last}`;
  return { text: sql`case when ${isPlain} then ${text} end`, invalid: sql`not (${isPlain})` };
}

function epochMs(dialect: Dialect, value: Fragment): Fragment {
  const epoch = dialect.bind({ kind: 'timestamp' }, '1970-01-01T00:00:00Z');
  return asText(dialect, dialect.roundTo(sql`${dialect.secondsBetween(epoch, value)} * 1000`, fastDigits, 0));
}

/** What `String.trim` takes away: all warehouses do, where they are told the characters. */
const whiteSpace =
  ' \t\n\v\f\r\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff';

/** HubSpot keeps no white space at the ends of a text. Looked for first: DuckDB's trim is slow with many characters. */
export function trimEnds(text: Fragment): Fragment {
  const each = sql.join([...whiteSpace].map((character) => sql.lit(character)));
  return sql`case when left(${text}, 1) in (${each}) or right(${text}, 1) in (${each}) then trim(${text}, ${sql.lit(whiteSpace)}) else ${text} end`;
}

/** A formatted text as it is sent: of a string, without white space at its ends. */
export function withoutEnds(type: PropertyType, text: Fragment): Fragment {
  return type === 'string' ? sql`nullif(${trimEnds(text)}, '')` : text;
}

function cutText(text: Fragment): Fragment {
  const kept = sql.lit(maxTextLength - cutMarker.length);
  return sql`nullif(case when length(${text}) > ${sql.lit(maxTextLength)} then concat(substr(${text}, 1, ${kept}), ${sql.lit(cutMarker)}) else ${text} end, '')`;
}

function asText(dialect: Dialect, value: Fragment): Fragment {
  return sql`cast(${value} as ${dialect.type({ kind: 'text' })})`;
}
