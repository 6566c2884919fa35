import { type DuckDBResult, StatementType } from '@duckdb/node-api';
import { sql } from 'kysely';
import type { DuckDbSettings } from '../../project/warehouse-types.ts';
import { duckDbDialect } from '../../sql/dialects/duckdb.ts';
import type { Bind, ColumnType, CompiledSql, RelationName } from '../../sql/types.ts';
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
import { duckDbColumn } from './columns.ts';
import { type SharedInstance, shareInstance } from './instance.ts';
import { readRows } from './rows.ts';
import { openSession, plain, type Session } from './session.ts';

/** Opens the DuckDB file of a target; see `openWarehouse`. */
export async function openDuckDb(settings: DuckDbSettings, options: OpenOptions): Promise<Warehouse> {
  const local = localTimeReader(options.timeZone);
  const shared = await shareInstance(settings);
  return new DuckDbWarehouse(shared, new SessionPool(() => openSession(shared.instance, options.timeZone)), local);
}

/** A DuckDB file of this process. Statements run side by side, each on a connection of its own. */
class DuckDbWarehouse implements Warehouse {
  // A statement costs milliseconds here, so a killed run repeats little.
  readonly capabilities: Capabilities = {
    atomicScripts: true,
    locksWholeFile: true,
    checkpointEveryRows: 5000,
    checkpointEveryMs: 10_000,
    maxBytesRead: null,
  };
  readonly dialect = duckDbDialect;
  readonly #shared: SharedInstance;
  readonly #sessions: SessionPool<Session>;
  readonly #local: LocalTimeReader;
  #schemaBefore: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | null = null;

  constructor(shared: SharedInstance, sessions: SessionPool<Session>, local: LocalTimeReader) {
    this.#shared = shared;
    this.#sessions = sessions;
    this.#local = local;
  }

  query(statement: CompiledSql, options?: StatementOptions): Promise<readonly Row[]> {
    return this.#sessions.use(async (session) => {
      const result = await session.run(statement, options);
      const rows: Row[] = [];
      for await (const chunk of readRows(session, result, this.#local, statement, options)) rows.push(...chunk);
      return rows;
    });
  }

  async *stream(statement: CompiledSql, options?: StatementOptions): AsyncGenerator<readonly Row[], void> {
    const session = await this.#sessions.take();
    let outcome: 'read' | 'left' | 'failed' = 'left';
    try {
      const result = await session.start(statement, options);
      yield* readRows(session, result, this.#local, statement, options);
      outcome = 'read';
    } catch (error) {
      outcome = 'failed';
      throw error;
    } finally {
      // DuckDB would go on filling its buffer for a reader who left.
      if (outcome === 'left') await session.endResult();
      await (outcome === 'failed' ? this.#sessions.discard(session) : this.#sessions.giveBack(session));
    }
  }

  script(statements: readonly CompiledSql[], options?: StatementOptions): Promise<readonly number[]> {
    return this.#sessions.use((session) =>
      session.transaction(async () => {
        const counts: number[] = [];
        for (const statement of statements) counts.push(await touchedRows(await session.run(statement, options)));
        return counts;
      }),
    );
  }

  append(
    table: RelationName,
    columns: readonly { readonly name: string; readonly type: ColumnType }[],
    rows: Iterable<readonly Value[]> | AsyncIterable<readonly Value[]>,
    options?: StatementOptions,
  ): Promise<number> {
    const request = { table: this.#name(table), columns, rows, options };
    return this.#sessions.use((session) => appendRows(session, this.dialect, request));
  }

  async describe(select: CompiledSql, options?: StatementOptions): Promise<readonly Column[]> {
    const rows = await this.query({ ...select, text: `describe\n${select.text}` }, options);
    return rows.map((row) => duckDbColumn(String(row.column_name), String(row.column_type)));
  }

  async relations(schema: string, options?: StatementOptions): Promise<ReadonlyMap<string, readonly Column[]>> {
    const text = `select table_name, column_name, data_type
from duckdb_columns()
where database_name = current_database() and lower(schema_name) = lower($1)
order by table_name, column_index`;
    const rows = await this.query({ text, binds: [textBind(schema)] }, options);
    const found = new Map<string, Column[]>();
    for (const row of rows) {
      const table = String(row.table_name);
      const columns = found.get(table) ?? [];
      columns.push(duckDbColumn(String(row.column_name), String(row.data_type)));
      found.set(table, columns);
    }
    return found;
  }

  createTable(table: RelationName, select: CompiledSql, options?: StatementOptions): Promise<number> {
    const create = { ...select, text: `create or replace table ${this.#name(table)} as\n${select.text}` };
    return this.#replace(table, 'view', async (session) => touchedRows(await session.run(create, options)), options);
  }

  async createView(view: RelationName, select: CompiledSql, options?: StatementOptions): Promise<void> {
    const create = { ...select, text: `create or replace view ${this.#name(view)} as\n${select.text}` };
    await this.#replace(view, 'table', (session) => session.run(create, options), options);
  }

  async swap(staged: RelationName, live: RelationName, options?: SwapOptions): Promise<void> {
    await this.#sessions.use((session) =>
      session.transaction(async () => {
        for (const statement of options?.before ?? []) await session.run(statement, options);
        // Views name what they read, so those on the live table find the new one under its name.
        await this.#dropIfThere(session, live, ['table', 'view'], options);
        const name = this.dialect.compile(sql.id(live.name)).text;
        await session.run(plain(`alter table ${this.#name(staged)} rename to ${name}`), options);
      }),
    );
  }

  async drop(tables: readonly RelationName[], options?: StatementOptions): Promise<void> {
    await this.script(
      tables.map((table) => plain(`drop table if exists ${this.#name(table)}`)),
      options,
    );
  }

  async whoAmI(options?: StatementOptions): Promise<WarehouseIdentity> {
    const text = `select version() as version, path from duckdb_databases() where database_name = current_database()`;
    const [row] = await this.query({ text, binds: [] }, options);
    return { server: `DuckDB ${row?.version} in ${row?.path}`, user: null, credential: null };
  }

  /** It bills nobody. */
  async bytesBilled(): Promise<null> {
    return null;
  }

  close(): Promise<void> {
    this.#closing ??= this.#sessions.close().then(() => this.#shared.release());
    return this.#closing;
  }

  /** Makes the schema if it is missing; what stands in the way, being of the other kind, goes when the work is done. */
  async #replace<T>(
    relation: RelationName,
    otherKind: RelationKind,
    work: (session: Session) => Promise<T>,
    options: StatementOptions | undefined,
  ): Promise<T> {
    await this.#makeSchema(relation, options);
    return this.#sessions.use((session) =>
      session.transaction(async () => {
        await this.#dropIfThere(session, relation, [otherKind], options);
        return work(session);
      }),
    );
  }

  /** One after the other, since DuckDB refuses the second of two who make the same schema at the same time. */
  #makeSchema({ database, schema }: RelationName, options: StatementOptions | undefined): Promise<unknown> {
    const path = database === undefined ? [schema] : [database, schema];
    const create = plain(`create schema if not exists ${this.dialect.compile(sql.id(...path)).text}`);
    const made = this.#schemaBefore.then(() => this.#sessions.use((session) => session.run(create, options)));
    this.#schemaBefore = made.catch(() => {
      // Who asked for that schema gets its error.
    });
    return made;
  }

  async #dropIfThere(
    session: Session,
    relation: RelationName,
    kinds: readonly RelationKind[],
    options: StatementOptions | undefined,
  ): Promise<void> {
    const text = `select case table_type when 'VIEW' then 'view' else 'table' end as kind
from information_schema.tables
where table_catalog = coalesce($1, current_database()) and lower(table_schema) = lower($2) and lower(table_name) = lower($3)`;
    const binds = [textBind(relation.database ?? null), textBind(relation.schema), textBind(relation.name)];
    const found = await (await session.run({ text, binds }, options)).getColumns();
    const kind = kinds.find((each) => found[0]?.includes(each));
    if (kind !== undefined) await session.run(plain(`drop ${kind} ${this.#name(relation)}`), options);
  }

  #name(relation: RelationName): string {
    return this.dialect.compile(this.dialect.relation(relation)).text;
  }
}

type RelationKind = 'table' | 'view';

function textBind(value: string | null): Bind {
  return { type: { kind: 'text' }, value };
}

/** CREATE TABLE AS answers with one row that holds the count; other statements have it beside their result. */
async function touchedRows(result: DuckDBResult): Promise<number> {
  if (result.statementType !== StatementType.CREATE) return result.rowsChanged;
  const [counts] = await result.getColumns();
  return Number(counts?.[0] ?? 0);
}
