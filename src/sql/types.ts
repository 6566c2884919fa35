import type { RawBuilder } from 'kysely';
import type { Problem } from '../errors/scoreline-error.ts';
import type { Position, ResolvedParam } from '../project/setting-types.ts';
import type { WarehouseSettings } from '../project/warehouse-types.ts';
import type { Lexis } from './syntax/lexis.ts';

/**
 * A piece of SQL with its typed bind values, made of Kysely's `sql` templates so that pieces compose and the dialect
 * numbers the binds once, at the end. A `Fragment` never contains an analyst's parameter as text.
 */
export type Fragment = RawBuilder<unknown>;

export type { ResolvedParam } from '../project/setting-types.ts';

export type WarehouseType = WarehouseSettings['type'];

/** Types that cross the warehouse port both ways; each dialect spells them its own way. */
export type ColumnType =
  | { readonly kind: 'text' | 'boolean' | 'integer' | 'double' | 'date' | 'timestamp' }
  /** Exact; travels as text so that no digit is lost. */
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number };

/** What a statement binds. Dates are `2026-01-31`; timestamps are ISO instants with zone; decimals are text. */
export interface Bind {
  readonly type: ColumnType;
  readonly value: string | number | bigint | boolean | null;
}

/** A statement ready to be sent: text with the dialect's placeholders, and the binds in their order. */
export interface CompiledSql {
  readonly text: string;
  readonly binds: readonly Bind[];
}

/** What a relation is called in the warehouse; `database` where it is not the connection's own. */
export interface RelationName {
  readonly database?: string;
  readonly schema: string;
  readonly name: string;
}

/** Where a template's `ref`, `source` and `param` lead. Functions return `null` for an unknown name: the renderer reports it. */
export interface TemplateScope {
  /** A relation to select from: a quoted name, or a CTE's name for an inline model. */
  ref(model: string): Fragment | null;
  source(source: string, table: string): Fragment | null;
  /** The value with its type; undefined when no such parameter is declared. */
  param(name: string): ResolvedParam | null;
  /** For did-you-means. */
  readonly known: {
    readonly models: readonly string[];
    /** `source.table` */
    readonly sources: readonly string[];
    readonly params: readonly string[];
  };
}

/*
 * Where warehouses differ, and what was decided. Statements are written so that all four understand them; only what cannot
 * be written so is an intent of `Dialect`.
 *
 * - Rounding: half away from zero, of decimals by `round` and casts (alike everywhere), of doubles by `roundTo`.
 * - Division: whole numbers divide into whole numbers on some, so divisors are `double`s or a cast stands before.
 * - Numbers as text: `decimalText`; a double is rounded to a decimal before it becomes text.
 * - Time zones: the session's is the project's; a time without a zone is read in it; a time that a change of clocks
 *   skipped counts with the offset before, a repeated one is its second occurrence. Infinite times have no age.
 * - Precision of times: microseconds are compared, milliseconds are written (`instantText`).
 * - Null order: nothing is ordered by what may be null, but for display, and then with `nulls last`.
 * - Order of texts: by code points (`textOrder`) wherever it decides something. SQL of a project's own is the project's.
 * - Case: `lower` goes by Unicode. Names are quoted; the state's own are lower case.
 * - Hashes: MD5 over text with lengths (`hash`, `hashBucket`), the same everywhere; `checksum` never leaves its warehouse.
 * - `concat`, `least` and `greatest` skip nulls on some and are null on others: they get none.
 * - A SELECT without FROM has no WHERE (`oneRow`); UNION says DISTINCT or ALL; EXCEPT is not used; window frames are
 *   written in full; LIKE has no ESCAPE; UPDATE and DELETE have a WHERE; `trim` names the space.
 */

/**
 * What one warehouse spells its own way, as intents. Every method returns a fragment and is pure. Arguments are fragments
 * unless they say otherwise. A null argument gives null unless said otherwise. Calendar questions (which day an instant
 * falls on) are answered in the session's time zone, which the adapter sets to the project's.
 */
export interface Dialect {
  /** For templates that branch on `target.type`, and for tables of expected SQL. Nothing else asks a warehouse its name. */
  readonly warehouse: WarehouseType;
  /** How templates are read; as PostgreSQL reads them where there is none. */
  readonly lexis?: Lexis;
  /** Numbers the binds and quotes names. */
  compile(fragment: Fragment): CompiledSql;
  relation(name: RelationName): Fragment;
  /**
   * In parentheses, for FROM: the rows of a relation with at least these columns; those that it lacks are null. A column that
   * it has keeps its values, in a type that holds both. `present` is a column that it has.
   */
  withColumns(
    relation: Fragment,
    present: string,
    columns: readonly (readonly [name: string, type: ColumnType])[],
  ): Fragment;
  /**
   * Makes a schema that is not there. Where making one takes a right of its own, that is not asked of who finds it made.
   */
  createSchema(name: string): Fragment;
  /** Drops a schema with all that is in it. */
  dropSchema(name: string): Fragment;
  /**
   * Stands behind the columns of CREATE TABLE: makes the warehouse refuse a second row with the same values, where it does
   * such a thing; null where it does not.
   */
  uniqueKey(columns: readonly string[]): Fragment | null;
  /** Files that the engine reads as they are (a path or a glob), where it can; null where it cannot. */
  files(path: string): Fragment | null;
  /** For `cast(x as …)` and column definitions. */
  type(type: ColumnType): Fragment;
  /** `cast(? as type)`. */
  bind(type: ColumnType, value: Bind['value']): Fragment;
  /**
   * Casts to a decimal, where a cast alone does not round to its decimals: absent where it does. `castTo` knows which.
   */
  readonly roundDecimal?: (value: Fragment, type: Extract<ColumnType, { kind: 'decimal' }>) => Fragment;
  /** What stands right of IN: each value bound; no value matches for an empty list, and NOT IN then keeps every row. */
  inList(values: readonly string[]): Fragment;

  /** A number as a double; what it divides becomes one, also where whole numbers divide into whole numbers. */
  double(value: number): Fragment;
  /**
   * A whole number that stands among decimals of a type: with their places, where a number would otherwise have as many as it
   * needs, and a table's column no places of its own.
   */
  wholeDecimal(value: number, type: ColumnType & { readonly kind: 'decimal' }): Fragment;
  /** A decimal as text, without closing zeros: `12.5`, `3`. @param scale its decimals at most */
  decimalText(value: Fragment, scale: number): Fragment;
  /** A text in lower case, by the rules of Unicode. */
  lower(text: Fragment): Fragment;
  /**
   * A text as ORDER BY, MIN and MAX compare it: by its code points, whatever language the warehouse was set up for. Stands
   * where the order of texts decides anything, such as which of two keys comes first in a message.
   */
  textOrder(text: Fragment): Fragment;

  /** The calendar day of a date, a timestamp, or an instant. */
  day(at: Fragment): Fragment;
  /** Whole calendar days from one to the other; negative if `to` is earlier. */
  daysBetween(from: Fragment, to: Fragment): Fragment;
  /** Whether something happened at an instant or before it, to the microsecond. `at` as in `day`. */
  notAfter(at: Fragment, instant: Fragment): Fragment;
  /**
   * Whether something happened by a time on the wall in the session's zone (`2026-01-31 08:30:00`), that included: a plain
   * comparison with the raw column, so that the engine can skip blocks and partitions by it. `at` as in `day`.
   */
  notAfterWallTime(at: Fragment, wallTime: string): Fragment;
  /** Whether something happened on a calendar day or later; the same way. @param day `2026-01-31` */
  notBeforeDay(at: Fragment, day: string): Fragment;
  /**
   * Where one relation may stand for many tables, one per day (`events_*`): which of them hold the days from one to another,
   * with a day to spare. Absent where tables do not come so. @param since absent: from the beginning
   */
  readonly tablesOfDays?: (since: string | null, until: string) => Fragment;
  /** The warehouse's clock, as an instant: the one clock that all who share a warehouse agree on. */
  now(): Fragment;
  /** An instant some whole seconds later. */
  secondsAfter(at: Fragment, seconds: Fragment): Fragment;
  /** An instant (or a date, or a time without a zone) in UTC as text: `2026-01-31T08:30:00.123Z`; null for infinities. */
  instantText(at: Fragment): Fragment;
  /** Exact seconds, as a double. */
  secondsBetween(from: Fragment, to: Fragment): Fragment;
  /**
   * Rounds a double half away from zero, as its decimal digits say (0.285 is half-way), and casts it to decimal(precision,
   * scale); one that is not finite gives null, one too large is refused when the query runs. For a decimal, a cast does it.
   */
  roundTo(value: Fragment, precision: number, scale: number): Fragment;
  /** As doubles; null for a divisor of 0. */
  safeDivide(dividend: Fragment, divisor: Fragment): Fragment;
  /** What stands behind the last `@`, in lower case, without white space around it; null where there is none. */
  emailDomain(email: Fragment): Fragment;
  /** Begins with a slash; without scheme, host, query and fragment. `/` where the URL has no path. */
  urlPath(url: Fragment): Fragment;
  /** 0 … buckets-1: the first 8 hexadecimal digits of MD5 over `salt:key`, modulo the buckets, on every warehouse. */
  hashBucket(key: Fragment, salt: string, buckets: number): Fragment;
  /** An aggregate, in the order given. */
  stringAgg(value: Fragment, separator: string, orderBy: Fragment): Fragment;
  /** Texts joined, nulls left out; the empty text if all are null. */
  joinText(parts: readonly Fragment[], separator: string): Fragment;

  /** A JSON object as text; null members are kept as null. Values are texts. */
  jsonObject(members: readonly (readonly [name: string, value: Fragment])[]): Fragment;
  /** One member of such an object as text; null for a null or missing member. */
  jsonText(object: Fragment, name: string): Fragment;
  /**
   * MD5 in hexadecimal of texts, of which some may be null: of each `length:text`, of a null `:`, one behind the other. The
   * same on every warehouse; lengths count Unicode characters.
   */
  hash(parts: readonly Fragment[]): Fragment;
  /**
   * A whole number from 0 to 2^40 - 1 for values of any types, nulls included: the cheap hash of this warehouse, to be summed
   * up over rows and compared with what the same warehouse gave before, never with another one's. The session's time zone
   * does not change it.
   */
  checksum(parts: readonly Fragment[]): Fragment;
  /**
   * In parentheses, for FROM: rows with one more column, a JSON object as text of the members whose numbers differ between
   * two such objects of the row: the later number less the earlier one, as texts; a missing member is 0. Usable in a view.
   */
  withNumberChanges(rows: Fragment, request: NumberChanges): Fragment;
}

export interface NumberChanges {
  /** Columns whose values are those of one row alone. */
  readonly key: readonly string[];
  /** Columns with the objects. */
  readonly before: string;
  readonly after: string;
  /** The column that is added. */
  readonly as: string;
}

/** A template as it stands in a file. */
export interface TemplateText {
  readonly text: string;
  /** Relative to the project's directory. */
  readonly file: string;
  /** Where the text starts in the file. */
  readonly at: Position;
  /** A whole SELECT; an expression or predicate; or the name of a relation (one `ref` or `source` call, or a plain table name). */
  readonly kind: 'select' | 'expression' | 'relation';
}

export interface RenderContext {
  readonly dialect: Dialect;
  readonly scope: TemplateScope;
  /** Takes every problem; rendering goes on so that all of them are found at once. */
  report(problem: Problem): void;
}

export interface Rendered {
  /** Usable only if nothing was reported. */
  readonly fragment: Fragment;
  /** Names used, for the order of building and for fingerprints. */
  readonly refs: ReadonlySet<string>;
  readonly sources: ReadonlySet<string>;
  readonly params: ReadonlySet<string>;
}

/** The run's instant, fixed once per run. */
export interface AsOf {
  /** ISO, UTC. */
  readonly instant: string;
  /** Its calendar day in the project's time zone, `2026-01-31`. */
  readonly day: string;
}
