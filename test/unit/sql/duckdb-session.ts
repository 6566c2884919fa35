import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';
import { sql } from 'kysely';
import { duckDbDialect } from '../../../src/sql/dialects/duckdb.ts';
import type { Fragment } from '../../../src/sql/types.ts';

/** A DuckDB in memory, without the engine's own adapter, so that a dialect's SQL is judged by DuckDB alone. */
export class DuckDbSession {
  readonly #connection: DuckDBConnection;

  private constructor(connection: DuckDBConnection) {
    this.#connection = connection;
  }

  static async open(): Promise<DuckDbSession> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
    return new DuckDbSession(await instance.connect());
  }

  async setTimeZone(timeZone: string): Promise<void> {
    await this.#connection.run(`set TimeZone = '${timeZone}'`);
  }

  /** Rows as JSON has them: numbers beyond 2^53, decimals and times as text. */
  async rows(statement: Fragment): Promise<readonly (readonly unknown[])[]> {
    const { text, binds } = duckDbDialect.compile(statement);
    const values = binds.map(({ value }): DuckDBValue => value);
    return (await this.#connection.runAndReadAll(text, values)).getRowsJson();
  }

  /** The value of one expression. */
  async value(expression: Fragment): Promise<unknown> {
    return (await this.rows(sql`select ${expression}`))[0]?.[0];
  }

  /** The values of several expressions, in their order. */
  async values(expressions: readonly Fragment[]): Promise<readonly unknown[]> {
    return (await this.rows(sql`select ${sql.join(expressions)}`))[0] ?? [];
  }

  close(): void {
    this.#connection.closeSync();
  }
}
