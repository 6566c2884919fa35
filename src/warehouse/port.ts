import type { ColumnType, CompiledSql, Dialect, RelationName } from '../sql/types.ts';

/**
 * Plain values only: decimals as text with all their digits, dates as `2026-01-31`, timestamps as ISO instants in UTC
 * (`2026-01-31T08:30:00.000Z`, six decimals only where milliseconds do not hold them; one without a zone is read in the
 * project's), integers as numbers (bigint beyond 2^53), lists as arrays, whatever else a warehouse has as its text. NaN
 * and infinities stay numbers.
 */
export type Value = string | number | bigint | boolean | null | readonly Value[];

export type Row = Readonly<Record<string, Value>>;

export interface Column {
  readonly name: string;
  /** `other` where no `ColumnType` fits; `nativeType` then says what it is. */
  readonly type: ColumnType | { readonly kind: 'other' };
  readonly nativeType: string;
}

/** What a warehouse can do. Ask these, never its name. */
export interface Capabilities {
  /** Statements of one script take effect together or not at all. Without it, a script may stop half-way and must be repeatable. */
  readonly atomicScripts: boolean;
  /**
   * One process at a time can have it open, so that whoever opened it knows that nobody else works in it. Without it, runs
   * keep each other out by leases.
   */
  readonly locksWholeFile: boolean;
  /** Seconds and rows after which a running apply writes its outcomes; dear statements want fewer checkpoints. */
  readonly checkpointEveryRows: number;
  readonly checkpointEveryMs: number;
  /** Bytes that a statement may read, above which it is refused, as the target's settings say; null: no limit. */
  readonly maxBytesRead: number | null;
}

/** How every adapter is opened, beside its own settings. */
export interface OpenOptions {
  /** IANA name, the project's: decides where a day ends and how times without a zone are read. */
  readonly timeZone: string;
  /** Where models are built: temporary tables go there, where a warehouse keeps them in a schema. */
  readonly schema?: string;
  /** Goes into the warehouse's own log beside the purpose of a statement. */
  readonly runId?: string;
  /** Whether a person is there who can sign in; none by default. */
  readonly isAttended?: boolean;
}

export interface StatementOptions {
  readonly signal?: AbortSignal;
  /** What the statement is to do, in words: `build lead_score`. Goes into the error and the warehouse's own log. */
  readonly purpose?: string;
  /**
   * The file that an error in the statement most likely lies in, with the line where its text starts. With `text`, as it
   * stands in the file, an error is placed on the very line or word that the warehouse complains about, where that
   * occurs once.
   */
  readonly origin?: { readonly file: string; readonly line: number; readonly text?: string };
}

/** Of a SELECT that is described, or made a table. */
export interface SelectOptions extends StatementOptions {
  /**
   * Told, before the method answers, how many bytes the SELECT reads, or would read if it is only described, where the
   * warehouse counts them: those that bill by them. It costs nothing more.
   */
  readonly onBytesRead?: (bytes: number) => void;
}

export interface SwapOptions extends StatementOptions {
  /** Statements that run before the swap, in the same round trip, and take effect with it (see `atomicScripts`). */
  readonly before?: readonly CompiledSql[];
}

/** In words, without any secret. */
export interface WarehouseIdentity {
  /** What it is and where: `PostgreSQL 18.4 at db.example:5432, database app`. */
  readonly server: string;
  /** Null where the warehouse knows no users. */
  readonly user: string | null;
  /** How it was signed in: `password of the address`; null where nothing was asked for. */
  readonly credential: string | null;
}

/**
 * A connection to one warehouse. Every method is one round trip, since on BigQuery each takes 1 to 2 s (the statement
 * budget counts them). Refusals are `ScorelineError`s with a code `WAREHOUSE_*`, the vendor's error as `cause` and
 * `retryable` set; nothing else decides by their text.
 */
export interface Warehouse {
  readonly capabilities: Capabilities;
  readonly dialect: Dialect;

  /** All rows in memory: for small results only. */
  query(statement: CompiledSql, options?: StatementOptions): Promise<readonly Row[]>;

  /**
   * Rows in chunks of a few thousand, read as they are wanted (memory stays flat). Other statements may run meanwhile.
   * Ending the loop early cancels the statement.
   */
  stream(statement: CompiledSql, options?: StatementOptions): AsyncIterable<readonly Row[]>;

  /** Runs statements in order, in one round trip (see `atomicScripts`). @returns the rows each one touched */
  script(statements: readonly CompiledSql[], options?: StatementOptions): Promise<readonly number[]>;

  /** Writes rows in bulk into an existing table; values in the order of `columns`. All or nothing. @returns rows written */
  append(
    table: RelationName,
    columns: readonly { readonly name: string; readonly type: ColumnType }[],
    rows: Iterable<readonly Value[]> | AsyncIterable<readonly Value[]>,
    options?: StatementOptions,
  ): Promise<number>;

  /** Columns of a SELECT without running it; refuses what would not run. No rows are read, nothing is billed. */
  describe(select: CompiledSql, options?: SelectOptions): Promise<readonly Column[]>;

  /** Columns of existing tables and views of a schema; empty where the schema does not exist. */
  relations(schema: string, options?: StatementOptions): Promise<ReadonlyMap<string, readonly Column[]>>;

  /** Creates (or replaces) a table from a SELECT; makes the schema if it is missing. @returns its rows */
  createTable(table: RelationName, select: CompiledSql, options?: SelectOptions): Promise<number>;

  /** Creates or replaces a view; the SELECT has no binds. */
  createView(view: RelationName, select: CompiledSql, options?: StatementOptions): Promise<void>;

  /**
   * Puts a staged table in the place of the live one, at once: readers see the old or the new one, never none; views on
   * the live one keep working. The staged table is gone afterwards.
   */
  swap(staged: RelationName, live: RelationName, options?: SwapOptions): Promise<void>;

  /** Drops tables that dead runs left behind. */
  drop(tables: readonly RelationName[], options?: StatementOptions): Promise<void>;

  /** Where and as whom this connection works, for `doctor`. */
  whoAmI(options?: StatementOptions): Promise<WarehouseIdentity>;

  /**
   * What this connection's statements so far will stand for on the bill, in bytes; null where nothing is billed by bytes, or
   * where the warehouse cannot be asked. No statement: it may take some requests, so it is for the end of a piece of work.
   */
  bytesBilled(): Promise<number | null>;

  close(): Promise<void>;
}
