import { sql } from 'kysely';
import type { SnowflakeSettings } from '../../project/warehouse-types.ts';
import { snowflakeDialect } from '../../sql/dialects/snowflake.ts';
import { nameFromSnowflake, snowflakeName } from '../../sql/dialects/snowflake-names.ts';
import type { ColumnType, CompiledSql, Fragment, RelationName } from '../../sql/types.ts';
import { type LocalTimeReader, localTimeReader } from '../local-time.ts';
import type {
  Capabilities,
  Column,
  OpenOptions,
  Row,
  StatementOptions,
  SwapOptions,
  Value,
  Warehouse,
  WarehouseIdentity,
} from '../port.ts';
import { SessionPool } from '../session-pool.ts';
import { appendRows } from './append.ts';
import { snowflakeColumn } from './columns.ts';
import { replaceRelation } from './replace-relation.ts';
import { readRows } from './rows.ts';
import { runScript } from './run-script.ts';
import type { Session } from './session.ts';
import { startSession } from './start-session.ts';

const credentialWords: Readonly<Record<SnowflakeSettings['credential']['kind'], string>> = {
  key_pair: 'private key',
  key_file: 'private key in a file',
  password: 'password',
  oauth: 'OAuth token',
  programmatic_access_token: 'programmatic access token',
  externalbrowser: 'browser',
};

/** Connects to the Snowflake account of a target; see `openWarehouse`. */
export async function openSnowflake(settings: SnowflakeSettings, options: OpenOptions): Promise<Warehouse> {
  const local = localTimeReader(options.timeZone);
  const sessions = new SessionPool(() => startSession({ ...options, settings }));
  // Whoever cannot get in is to hear it now.
  await sessions.giveBack(await sessions.take());
  return new SnowflakeWarehouse(settings, sessions, local, options.schema);
}

/**
 * A database of a Snowflake account. Statements run side by side, each in a session of its own. A statement is a request:
 * Snowflake takes several in one only without nulls among their binds (issue 704 of its Node.js driver and its tests of
 * 2026 say so), so a script is a few short requests in one session.
 */
class SnowflakeWarehouse implements Warehouse {
  // DDL commits at once in Snowflake, so a script with temporary tables is several steps; rows between them move together.
  readonly capabilities: Capabilities = {
    atomicScripts: false,
    locksWholeFile: false,
    checkpointEveryRows: 10_000,
    checkpointEveryMs: 60_000,
    maxBytesRead: null,
  };
  readonly dialect = snowflakeDialect;
  readonly #settings: SnowflakeSettings;
  readonly #sessions: SessionPool<Session>;
  readonly #local: LocalTimeReader;
  readonly #schema: string | undefined;
  #closing: Promise<void> | null = null;

  constructor(
    settings: SnowflakeSettings,
    sessions: SessionPool<Session>,
    local: LocalTimeReader,
    schema: string | undefined,
  ) {
    this.#settings = settings;
    this.#sessions = sessions;
    this.#local = local;
    this.#schema = schema;
  }

  query(statement: CompiledSql, options?: StatementOptions): Promise<readonly Row[]> {
    return this.#sessions.use((session) => this.#rows(session, statement, options));
  }

  /** Holds its session to the end, as the driver loads the rest of the rows through it. */
  async *stream(statement: CompiledSql, options?: StatementOptions): AsyncGenerator<readonly Row[], void> {
    const session = await this.#sessions.take();
    let isFailed = true;
    try {
      const result = await session.run(statement, options);
      isFailed = false;
      yield* readRows(session, result, this.#local, statement, options);
    } catch (error) {
      isFailed = true;
      throw error;
    } finally {
      await (isFailed ? this.#sessions.discard(session) : this.#sessions.giveBack(session));
    }
  }

  script(statements: readonly CompiledSql[], options?: StatementOptions): Promise<readonly number[]> {
    return this.#sessions.use((session) => runScript(session, statements, { schema: this.#schema, options }));
  }

  append(
    table: RelationName,
    columns: readonly { readonly name: string; readonly type: ColumnType }[],
    rows: Iterable<readonly Value[]> | AsyncIterable<readonly Value[]>,
    options?: StatementOptions,
  ): Promise<number> {
    const request = { table: this.dialect.relation(table), columns, rows, options };
    return this.#sessions.use((session) => appendRows(session, this.dialect, request));
  }

  describe(select: CompiledSql, options?: StatementOptions): Promise<readonly Column[]> {
    return this.#sessions.use(async (session) => {
      const columns = (await session.describe(select, options)).getColumns() ?? [];
      return columns.map((column) =>
        snowflakeColumn({
          name: column.getName(),
          type: column.getType(),
          precision: column.getPrecision(),
          scale: column.getScale(),
        }),
      );
    });
  }

  async relations(schema: string, options?: StatementOptions): Promise<ReadonlyMap<string, readonly Column[]>> {
    const text = sql`select table_name, column_name, data_type, numeric_precision, numeric_scale
from information_schema.columns
where table_schema = ${snowflakeName(schema)}
order by table_name, ordinal_position`;
    const rows = await this.query(this.dialect.compile(text), options);
    const found = new Map<string, Column[]>();
    for (const row of rows) {
      const table = nameFromSnowflake(String(row.table_name));
      const columns = found.get(table) ?? [];
      const { numeric_precision: precision, numeric_scale: scale } = row;
      columns.push(
        snowflakeColumn({
          name: String(row.column_name),
          type: String(row.data_type),
          precision: typeof precision === 'number' ? precision : null,
          scale: typeof scale === 'number' ? scale : null,
        }),
      );
      found.set(table, columns);
    }
    return found;
  }

  /** Two requests: CREATE TABLE AS does not say how many rows there are, and counting them costs nothing afterwards. */
  createTable(table: RelationName, select: CompiledSql, options?: StatementOptions): Promise<number> {
    const name = this.dialect.relation(table);
    const create = this.#before(sql`create or replace table ${name} copy grants as`, select);
    const count = this.dialect.compile(sql`select count(*) as n from ${name}`);
    return this.#sessions.use(async (session) => {
      await replaceRelation(session, table, create, options);
      const [row] = await this.#rows(session, count, options);
      return Number(row?.n);
    });
  }

  async createView(view: RelationName, select: CompiledSql, options?: StatementOptions): Promise<void> {
    const create = this.#before(sql`create or replace view ${this.dialect.relation(view)} copy grants as`, select);
    await this.#sessions.use((session) => replaceRelation(session, view, create, options));
  }

  /**
   * Not by SWAP WITH, which exchanges the grants with the tables and so would take readers their right to read. A clone
   * copies no data, replacing is one step for readers, and COPY GRANTS keeps those of the table that is replaced.
   * Views name what they read, so those on the live table find the new one.
   */
  async swap(staged: RelationName, live: RelationName, options?: SwapOptions): Promise<void> {
    const [from, to] = [this.dialect.relation(staged), this.dialect.relation(live)];
    const replace = this.dialect.compile(sql`create or replace table ${to} clone ${from} copy grants`);
    await this.#sessions.use(async (session) => {
      await runScript(session, options?.before ?? [], { schema: this.#schema, options });
      await replaceRelation(session, live, replace, options);
      await session.run(this.dialect.compile(sql`drop table ${from}`), options);
    });
  }

  async drop(tables: readonly RelationName[], options?: StatementOptions): Promise<void> {
    await this.script(
      tables.map((table) => this.dialect.compile(sql`drop table if exists ${this.dialect.relation(table)}`)),
      options,
    );
  }

  async whoAmI(options?: StatementOptions): Promise<WarehouseIdentity> {
    const text = `select current_user() as who, current_role() as works_as, current_version() as version`;
    const [row] = await this.query({ text, binds: [] }, options);
    const { account, database, warehouse, credential } = this.#settings;
    return {
      server: `Snowflake ${row?.version}, account ${account}, database ${database}, warehouse ${warehouse}`,
      user: `${row?.who} in role ${row?.works_as}`,
      credential: credentialWords[credential.kind],
    };
  }

  /** Snowflake bills the time of its warehouse, in credits that it knows hours later. */
  async bytesBilled(): Promise<null> {
    return null;
  }

  close(): Promise<void> {
    this.#closing ??= this.#sessions.close();
    return this.#closing;
  }

  async #rows(session: Session, statement: CompiledSql, options?: StatementOptions): Promise<readonly Row[]> {
    const result = await session.run(statement, options);
    const rows: Row[] = [];
    for await (const chunk of readRows(session, result, this.#local, statement, options)) rows.push(...chunk);
    return rows;
  }

  #before(start: Fragment, select: CompiledSql): CompiledSql {
    return { ...select, text: `${this.dialect.compile(start).text}\n${select.text}` };
  }
}
