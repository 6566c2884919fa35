import { ScorelineError } from '../../errors/scoreline-error.ts';
import type { PostgresSettings } from '../../project/warehouse-types.ts';
import { postgresDialect } from '../../sql/dialects/postgres.ts';
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
import { postgresColumn, typeColumns } from './columns.ts';
import { Connector } from './connection.ts';
import { rowsOf } from './rows.ts';
import { plain, Session } from './session.ts';
import { streamRows } from './stream.ts';
import { grantsOf, kindOf, moveRows, type NamedRelation, quotedName } from './swap.ts';

/** The first version with MERGE. */
const oldestVersion = 15;
/** How often work is done again that others got in the way of. */
const maxAttempts = 5;

/** Connects to the PostgreSQL database of a target; see `openWarehouse`. */
export async function openPostgres(settings: PostgresSettings, options: OpenOptions): Promise<Warehouse> {
  const local = localTimeReader(options.timeZone);
  const connector = new Connector(settings, options.timeZone);
  await checkServer(connector);
  return new PostgresWarehouse(connector, new SessionPool(() => Session.open(connector)), local);
}

async function checkServer(connector: Connector): Promise<void> {
  const { client, server } = await connector.connect();
  await client.end();
  const major = Math.floor(Number(server.version) / 10_000);
  const refuse = (message: string, hint: string) =>
    new ScorelineError('WAREHOUSE_UNREACHABLE', message, { hint, retryable: false });
  if (major < oldestVersion) {
    throw refuse(
      `The server is PostgreSQL ${major}: expected version ${oldestVersion} or later.`,
      'Use a newer server: earlier ones have no MERGE.',
    );
  }
  if (server.encoding !== 'UTF8') {
    throw refuse(
      `The database ${String(server.database)} keeps texts as ${String(server.encoding)}: expected UTF8.`,
      "Make a database with `create database … encoding 'UTF8' template template0` and load it anew.",
    );
  }
}

/** A PostgreSQL database. Statements run side by side, each on a connection of its own. */
class PostgresWarehouse implements Warehouse {
  // A statement costs milliseconds here, so a killed run repeats little.
  readonly capabilities: Capabilities = {
    atomicScripts: true,
    locksWholeFile: false,
    checkpointEveryRows: 5000,
    checkpointEveryMs: 10_000,
    maxBytesRead: null,
  };
  readonly dialect = postgresDialect;
  readonly #connector: Connector;
  readonly #sessions: SessionPool<Session>;
  readonly #local: LocalTimeReader;

  constructor(connector: Connector, sessions: SessionPool<Session>, local: LocalTimeReader) {
    this.#connector = connector;
    this.#sessions = sessions;
    this.#local = local;
  }

  query(statement: CompiledSql, options?: StatementOptions): Promise<readonly Row[]> {
    return this.#sessions.use(async (session) => rowsOf(await session.run(statement, options), this.#local));
  }

  stream(statement: CompiledSql, options?: StatementOptions): AsyncIterable<readonly Row[]> {
    return streamRows(this.#sessions, this.#local, statement, options);
  }

  script(statements: readonly CompiledSql[], options?: StatementOptions): Promise<readonly number[]> {
    return this.#together(async (session) => {
      const counts: number[] = [];
      for (const statement of statements) counts.push((await session.run(statement, options)).rowCount ?? 0);
      return counts;
    });
  }

  append(
    table: RelationName,
    columns: readonly { readonly name: string; readonly type: ColumnType }[],
    rows: Iterable<readonly Value[]> | AsyncIterable<readonly Value[]>,
    options?: StatementOptions,
  ): Promise<number> {
    const request = { table: this.#named(table).quoted, columns, rows, options };
    return this.#sessions.use((session) => appendRows(session, this.dialect, request));
  }

  async describe(select: CompiledSql, options?: StatementOptions): Promise<readonly Column[]> {
    const nothing = { ...select, text: `select * from (\n${select.text}\n) as described limit 0` };
    return this.#sessions.use(async (session) => {
      const { fields } = await session.run(nothing, options);
      const given = JSON.stringify(
        fields.map(({ name, dataTypeID, dataTypeModifier }) => ({ name, oid: dataTypeID, modifier: dataTypeModifier })),
      );
      const types = await session.run(
        {
          text: `select typed.name, ${typeColumns}
from rows from (jsonb_to_recordset(cast($1 as jsonb)) as (name text, oid oid, modifier integer)) with ordinality as typed(name, oid, modifier, place)
join pg_catalog.pg_type t on t.oid = typed.oid order by typed.place`,
          binds: [textBind(given)],
        },
        options,
      );
      return rowsOf(types, this.#local).map(postgresColumn);
    });
  }

  async relations(schema: string, options?: StatementOptions): Promise<ReadonlyMap<string, readonly Column[]>> {
    const text = `select c.relname as relation, typed.attname as name, ${typeColumns}
from pg_catalog.pg_namespace n
join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relkind in ('r', 'p', 'f', 'v', 'm')
join (select attrelid, attname, attnum, atttypid, atttypmod as modifier from pg_catalog.pg_attribute where attnum > 0 and not attisdropped) typed
  on typed.attrelid = c.oid
join pg_catalog.pg_type t on t.oid = typed.atttypid
where n.nspname = $1 order by c.relname collate "C", typed.attnum`;
    const rows = await this.query({ text, binds: [textBind(schema)] }, options);
    return new Map(
      [...Map.groupBy(rows, (row) => String(row.relation))].map(([name, columns]) => [
        name,
        columns.map(postgresColumn),
      ]),
    );
  }

  createTable(table: RelationName, select: CompiledSql, options?: StatementOptions): Promise<number> {
    const named = this.#named(table);
    const create = (name: string) => ({ ...select, text: `create table ${name} as\n${select.text}` });
    return this.#together(async (session) => {
      await this.#makeSchema(session, table, options);
      if (await this.#dropUnlessRead(session, named, options)) {
        const { rowCount } = await session.run(create(named.quoted), options);
        await session.run(plain(`analyze ${named.quoted}`), options);
        return rowCount ?? 0;
      }
      const made = this.#named({ ...table, name: `${[...table.name].slice(0, 40).join('')}__made` });
      const { rowCount } = await session.run(create(made.quoted), options);
      await moveRows(session, made, named, options);
      return rowCount ?? 0;
    });
  }

  async createView(view: RelationName, select: CompiledSql, options?: StatementOptions): Promise<void> {
    const named = this.#named(view);
    const create = { ...select, text: `create or replace view ${named.quoted} as\n${select.text}` };
    await this.#together(async (session) => {
      await this.#makeSchema(session, view, options);
      if (
        (await kindOf(session, named, options)) === 'view' &&
        (await this.#unlessRefused(session, ['42P16'], create, options))
      ) {
        return;
      }
      // Other columns than before, or no view before.
      await this.#inPlaceOf(session, named, options, () => session.run(create, options));
    });
  }

  async swap(staged: RelationName, live: RelationName, options?: SwapOptions): Promise<void> {
    const [from, to] = [this.#named(staged), this.#named(live)];
    await this.#together(async (session) => {
      for (const statement of options?.before ?? []) await session.run(statement, options);
      if ((await kindOf(session, to, options)) === 'table') {
        await moveRows(session, from, to, options);
        return;
      }
      const rename = plain(`alter table ${from.quoted} rename to ${quotedName(to.name)}`);
      await this.#inPlaceOf(session, to, options, () => session.run(rename, options));
    });
  }

  async drop(tables: readonly RelationName[], options?: StatementOptions): Promise<void> {
    await this.script(
      tables.map((table) => plain(`drop table if exists ${this.#named(table).quoted}`)),
      options,
    );
  }

  async whoAmI(options?: StatementOptions): Promise<WarehouseIdentity> {
    const text = `select current_user as role, current_setting('server_version') as version,
  coalesce((select ssl from pg_stat_ssl where pid = pg_backend_pid()), false) as is_secret`;
    const [row] = await this.query({ text, binds: [] }, options);
    const { place, credential } = this.#connector;
    return {
      server: `PostgreSQL ${row?.version}, ${place}, ${row?.is_secret === true ? 'over TLS' : 'without TLS'}`,
      user: String(row?.role),
      credential,
    };
  }

  /** It bills nobody. */
  async bytesBilled(): Promise<null> {
    return null;
  }

  close(): Promise<void> {
    return this.#sessions.close();
  }

  /** All of the work takes effect, or none; it is done again where others who wrote at the same moment got in its way. */
  #together<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const attempt = (number: number): Promise<T> =>
      this.#sessions
        .use((session) => session.transaction(() => work(session)))
        .catch((error: unknown) => {
          const mayTryAgain = error instanceof ScorelineError && error.code === 'WAREHOUSE_REFUSED' && error.retryable;
          if (!mayTryAgain || number === maxAttempts) throw error;
          return attempt(number + 1);
        });
    return attempt(1);
  }

  /** Asks first, since making one takes a right that whoever finds it made does not need. */
  async #makeSchema(session: Session, { schema }: RelationName, options: StatementOptions | undefined): Promise<void> {
    const found = await session.run(
      { text: 'select 1 from pg_catalog.pg_namespace where nspname = $1', binds: [textBind(schema)] },
      options,
    );
    if (found.rows.length === 0) await session.run(plain(`create schema if not exists ${quotedName(schema)}`), options);
  }

  /** @returns false for a table that a view reads, which then stays */
  async #dropUnlessRead(
    session: Session,
    relation: NamedRelation,
    options: StatementOptions | undefined,
  ): Promise<boolean> {
    const kind = await kindOf(session, relation, options);
    if (kind === null) return true;
    const drop = plain(`drop ${kind} ${relation.quoted}`);
    if (kind === 'table') return this.#unlessRefused(session, ['2BP01'], drop, options);
    await session.run(drop, options);
    return true;
  }

  /** Puts something new in the place of whatever has the name, which leaves it its grants. */
  async #inPlaceOf(
    session: Session,
    relation: NamedRelation,
    options: StatementOptions | undefined,
    make: () => Promise<unknown>,
  ): Promise<void> {
    const kind = await kindOf(session, relation, options);
    const grants = kind === null ? [] : await grantsOf(session, relation, options);
    if (kind !== null) await session.run(plain(`drop ${kind} ${relation.quoted}`), options);
    await make();
    for (const grant of grants) await session.run(plain(grant), options);
  }

  /** @returns false where the server refuses the statement with one of the states; the transaction goes on */
  async #unlessRefused(
    session: Session,
    states: readonly string[],
    statement: CompiledSql,
    options: StatementOptions | undefined,
  ): Promise<boolean> {
    await session.run(plain('savepoint before_it'), options);
    try {
      await session.run(statement, options);
      return true;
    } catch (error) {
      const state = error instanceof ScorelineError && stateOf(error.cause);
      if (typeof state !== 'string' || !states.includes(state)) throw error;
      await session.run(plain('rollback to savepoint before_it'), options);
      return false;
    }
  }

  #named(relation: RelationName): NamedRelation {
    const { schema, name } = relation;
    return { schema, name, quoted: this.dialect.compile(this.dialect.relation(relation)).text };
  }
}

function stateOf(cause: unknown): unknown {
  return cause instanceof Error && 'code' in cause ? cause.code : undefined;
}

function textBind(value: string): Bind {
  return { type: { kind: 'text' }, value };
}
