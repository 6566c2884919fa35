import { ScorelineError } from '../../errors/scoreline-error.ts';
import type { BigQuerySettings } from '../../project/warehouse-types.ts';
import { bigQueryDialect } from '../../sql/dialects/bigquery.ts';
import type { ColumnType, CompiledSql, RelationName } from '../../sql/types.ts';
import { throwIfInterrupted } from '../interruption.ts';
import { type LocalTimeReader, localTimeReader } from '../local-time.ts';
import type {
  Capabilities,
  Column,
  OpenOptions,
  Row,
  SelectOptions,
  StatementOptions,
  SwapOptions,
  Value,
  Warehouse,
  WarehouseIdentity,
} from '../port.ts';
import { BigQueryApi, type Pause, pause } from './api.ts';
import { appendRows, type Uploader } from './append.ts';
import { BilledBytes } from './billed-bytes.ts';
import { bigQueryColumn, columnOfField } from './columns.ts';
import { type ConnectOptions, connect } from './connect.ts';
import { Jobs, type QueryResult } from './jobs.ts';
import { assertOneStatement } from './one-statement.ts';
import type { CopyConfiguration, JobConfiguration, QueryConfiguration } from './rest-types.ts';
import { pageRows, readRows } from './rows.ts';
import { changesRows, madeSchema, scriptOf } from './script.ts';
import { Tables } from './tables.ts';
import { parameterOf } from './values.ts';

/** What tests put in the place of the world outside. */
export interface BigQueryWorld extends ConnectOptions {
  readonly pause?: Pause;
}

/** Signs in to the BigQuery of a target; see `openWarehouse`. Nothing is asked yet: that is the first statement's. */
export async function openBigQuery(
  settings: BigQuerySettings,
  { timeZone }: OpenOptions,
  world: BigQueryWorld = {},
): Promise<Warehouse> {
  const { client, auth, credential } = await connect(settings, world);
  const api = new BigQueryApi(client, world.pause ?? pause);
  const billed = new BilledBytes((id, options) => jobs.get(id, options));
  const jobs = new Jobs(api, settings, (id) => billed.add(id));
  const url = `${client.apiEndpoint}/upload/bigquery/v2/projects/${settings.project}/jobs`;
  return new BigQueryWarehouse({ settings, credential, timeZone, api, jobs, billed, uploader: { jobs, auth, url } });
}

interface Parts {
  readonly settings: BigQuerySettings;
  /** What was found to sign in with, in words. */
  readonly credential: string;
  readonly timeZone: string;
  readonly api: BigQueryApi;
  readonly jobs: Jobs;
  readonly billed: BilledBytes;
  readonly uploader: Uploader;
}

/** A project of BigQuery's. There is no connection: every statement is a job of its own. */
class BigQueryWarehouse implements Warehouse {
  readonly capabilities: Capabilities;
  readonly dialect = bigQueryDialect;
  readonly #settings: BigQuerySettings;
  readonly #credential: string;
  readonly #timeZone: string;
  readonly #local: LocalTimeReader;
  readonly #jobs: Jobs;
  readonly #billed: BilledBytes;
  readonly #tables: Tables;
  readonly #uploader: Uploader;
  readonly #closing = new AbortController();

  constructor({ settings, credential, timeZone, api, jobs, billed, uploader }: Parts) {
    const { maxBytesBilled } = settings;
    // Tables are swapped by a copy, which no script can hold. A table takes 1,500 load jobs a day: one in a minute stays below.
    this.capabilities = {
      atomicScripts: false,
      locksWholeFile: false,
      checkpointEveryRows: 50_000,
      checkpointEveryMs: 60_000,
      maxBytesRead: maxBytesBilled === undefined ? null : Number(maxBytesBilled),
    };
    this.#settings = settings;
    this.#credential = credential;
    this.#timeZone = timeZone;
    this.#local = localTimeReader(timeZone);
    this.#jobs = jobs;
    this.#billed = billed;
    this.#tables = new Tables(api, settings);
    this.#uploader = uploader;
  }

  async query(statement: CompiledSql, options?: StatementOptions): Promise<readonly Row[]> {
    const rows: Row[] = [];
    for await (const page of this.stream(statement, options)) rows.push(...page);
    return rows;
  }

  /** The whole result is there before its first row: a reader who leaves early leaves nothing running. */
  async *stream(statement: CompiledSql, options?: StatementOptions): AsyncGenerator<readonly Row[], void> {
    const live = this.#live(options);
    assertOneStatement(statement, live);
    const result = await this.#run(statement, live);
    for await (const rows of readRows(this.#jobs, result, this.#local, statement, live)) {
      yield rows;
      throwIfInterrupted(live);
    }
  }

  async script(statements: readonly CompiledSql[], options?: StatementOptions): Promise<readonly number[]> {
    const live = this.#live(options);
    for (const statement of statements) assertOneStatement(statement, live);
    const schemas = statements.map(({ text }) => madeSchema(text));
    for (const schema of schemas) if (schema !== null) await this.#tables.makeDataset(schema, live);
    const rest = statements.filter((_, index) => schemas[index] === null);
    const touched = await this.#script(rest, live);
    let next = 0;
    return schemas.map((schema) => (schema === null ? (touched[next++] ?? 0) : 0));
  }

  append(
    table: RelationName,
    columns: readonly { readonly name: string; readonly type: ColumnType }[],
    rows: Iterable<readonly Value[]> | AsyncIterable<readonly Value[]>,
    options?: StatementOptions,
  ): Promise<number> {
    const live = this.#live(options);
    return appendRows(this.#uploader, { table: this.#tables.reference(table), columns, rows, options: live });
  }

  async describe(select: CompiledSql, options?: SelectOptions): Promise<readonly Column[]> {
    const live = this.#live(options);
    assertOneStatement(select, live);
    // Without the limit: a dry run costs nothing, and is to tell by how much a SELECT is above it.
    const configuration = this.#query(select, { maximumBytesBilled: undefined });
    const job = await this.#jobs.dryRun({ configuration, statement: select }, live);
    options?.onBytesRead?.(Number(job.statistics?.totalBytesProcessed ?? 0));
    return (job.statistics?.query?.schema?.fields ?? []).map(columnOfField);
  }

  async relations(schema: string, options?: StatementOptions): Promise<ReadonlyMap<string, readonly Column[]>> {
    const path = this.dialect.compile(this.dialect.relation({ schema, name: 'INFORMATION_SCHEMA' })).text;
    const text = `select table_name, column_name, data_type
from ${path}.COLUMNS
where is_hidden = 'NO'
order by table_name, ordinal_position`;
    let rows: readonly Row[];
    try {
      rows = await this.query({ text, binds: [] }, options);
    } catch (error) {
      if (!isRefusal(error) || (await this.#tables.hasDataset(schema, this.#live(options)))) throw error;
      return new Map();
    }
    const found = new Map<string, Column[]>();
    for (const row of rows) {
      const table = String(row.table_name);
      const columns = found.get(table) ?? [];
      columns.push(bigQueryColumn(String(row.column_name), String(row.data_type)));
      found.set(table, columns);
    }
    return found;
  }

  /**
   * A query with a destination: the table appears, or is replaced, as a whole when the query is done, and keeps its grants.
   */
  async createTable(table: RelationName, select: CompiledSql, options?: SelectOptions): Promise<number> {
    const live = this.#live(options);
    assertOneStatement(select, live);
    const result = await this.#placing(table, 'VIEW', live, () =>
      this.#run(select, live, {
        destinationTable: this.#tables.reference(table),
        writeDisposition: 'WRITE_TRUNCATE',
        createDisposition: 'CREATE_IF_NEEDED',
      }),
    );
    options?.onBytesRead?.(Number(result.page.totalBytesProcessed ?? 0));
    return Number(result.page.totalRows ?? 0);
  }

  async createView(view: RelationName, select: CompiledSql, options?: StatementOptions): Promise<void> {
    const live = this.#live(options);
    assertOneStatement(select, live);
    const create = { ...select, text: `create or replace view ${this.#name(view)} as\n${select.text}` };
    await this.#placing(view, 'TABLE', live, () => this.#run(create, live));
  }

  /**
   * A copy job replaces what the live table holds, at once and without reading it: it stays the same table, so that its
   * grants and the views on it stay too. BigQuery has no job that does this together with other statements, so those that
   * run before are a job of their own.
   */
  async swap(staged: RelationName, live: RelationName, options?: SwapOptions): Promise<void> {
    const on = this.#live(options);
    await this.script(options?.before ?? [], options);
    const copy: CopyConfiguration = {
      sourceTable: this.#tables.reference(staged),
      destinationTable: this.#tables.reference(live),
      writeDisposition: 'WRITE_TRUNCATE',
      createDisposition: 'CREATE_IF_NEEDED',
    };
    await this.#placing(live, 'VIEW', on, () => this.#jobs.run({ configuration: { copy } }, on));
    await this.#tables.drop(staged, on);
  }

  async drop(tables: readonly RelationName[], options?: StatementOptions): Promise<void> {
    const live = this.#live(options);
    await Promise.all(tables.map((table) => this.#tables.drop(table, live)));
  }

  async whoAmI(options?: StatementOptions): Promise<WarehouseIdentity> {
    const [row] = await this.query({ text: 'select session_user() as who', binds: [] }, options);
    const { project, location } = this.#settings;
    return {
      server: `BigQuery, project ${project} in ${location}`,
      user: String(row?.who ?? 'nobody'),
      credential: this.#credential,
    };
  }

  bytesBilled(): Promise<number | null> {
    return this.#billed.sum();
  }

  async close(): Promise<void> {
    this.#closing.abort();
  }

  async #script(statements: readonly CompiledSql[], options: StatementOptions): Promise<readonly number[]> {
    const [only] = statements;
    if (only === undefined) return [];
    if (statements.length === 1) {
      const { page } = await this.#run(only, options);
      return [changesRows(only.text) ? Number(page.numDmlAffectedRows ?? 0) : 0];
    }
    const script = scriptOf(statements);
    const result = await this.#run(script, options);
    for await (const [row] of readRows(this.#jobs, result, this.#local, script, options)) {
      if (Array.isArray(row?.touched)) return row.touched.map(Number);
    }
    throw new TypeError('A script told nothing of the rows that it touched');
  }

  #run(statement: CompiledSql, options: StatementOptions, destination?: QueryConfiguration): Promise<QueryResult> {
    const configuration = this.#query(statement, destination);
    return this.#jobs.query({ configuration, statement }, destination === undefined ? pageRows : 0, options);
  }

  /** What every query has. The zone is a default that the statement's own functions and casts then take. */
  #query(statement: CompiledSql, more: QueryConfiguration = {}): JobConfiguration {
    const { maxBytesBilled } = this.#settings;
    const query: QueryConfiguration = {
      query: statement.text,
      useLegacySql: false,
      connectionProperties: [{ key: 'time_zone', value: this.#timeZone }],
      ...(maxBytesBilled === undefined ? {} : { maximumBytesBilled: String(maxBytesBilled) }),
      ...(statement.binds.length === 0
        ? {}
        : { parameterMode: 'NAMED', queryParameters: statement.binds.map(parameterOf) }),
      ...more,
    };
    return { query };
  }

  /**
   * What a relation is made by is refused where its dataset is missing, and where something of the other kind has its name.
   * Both are rare, so they are looked for when it was refused, and it is tried once more.
   */
  async #placing<T>(
    relation: RelationName,
    otherKind: 'TABLE' | 'VIEW',
    options: StatementOptions,
    work: () => Promise<T>,
  ): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if (await this.#tables.makeDataset(relation.schema, options)) return work();
      if ((await this.#tables.kindOf(relation, options)) !== otherKind) throw error;
      await this.#tables.drop(relation, options);
      return work();
    }
  }

  /** The options with a signal that closing aborts too. */
  #live(options: StatementOptions | undefined): StatementOptions {
    const closed = this.#closing.signal;
    if (closed.aborted) throw new TypeError('The warehouse is closed');
    return { ...options, signal: options?.signal === undefined ? closed : AbortSignal.any([options.signal, closed]) };
  }

  #name(relation: RelationName): string {
    return this.dialect.compile(this.dialect.relation(relation)).text;
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof ScorelineError && error.code === 'WAREHOUSE_REFUSED';
}
