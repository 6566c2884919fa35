import type { DuckDBConnection, DuckDBInstance, DuckDBPreparedStatement, DuckDBResult } from '@duckdb/node-api';
import type { CompiledSql } from '../../sql/types.ts';
import { interruption, throwIfInterrupted } from '../interruption.ts';
import type { StatementOptions } from '../port.ts';
import { duckDbRefusal } from './errors.ts';
import { duckDbType, valueToDuckDb } from './values.ts';

/** DuckDB forgets an interrupt that arrives before it has begun to execute, so it is repeated until the call ends. */
const repeatInterruptMs = 20;

/**
 * One connection, lent to one caller at a time. It is idle, runs a call, holds an open result, or is in a transaction.
 * What DuckDB throws leaves it as a `ScorelineError`.
 */
export class Session {
  readonly connection: DuckDBConnection;
  #running: Promise<unknown> | null = null;
  #closed = false;

  constructor(connection: DuckDBConnection) {
    this.connection = connection;
  }

  /** Runs one statement to its end. The rows stay in DuckDB until they are fetched. */
  run(statement: CompiledSql, options?: StatementOptions): Promise<DuckDBResult> {
    return this.#execute(statement, options, (prepared) => prepared.run());
  }

  /** Starts a statement whose rows are computed as they are fetched. */
  start(statement: CompiledSql, options?: StatementOptions): Promise<DuckDBResult> {
    return this.#execute(statement, options, (prepared) => prepared.stream());
  }

  /** All of the work takes effect, or none. */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.run(plain('begin'));
    try {
      const result = await work();
      await this.run(plain('commit'));
      return result;
    } catch (error) {
      // What the work failed with matters more than a rollback that fails as well; the pool closes the session then.
      if (!this.#closed) await Promise.allSettled([this.run(plain('rollback'))]);
      throw error;
    }
  }

  /**
   * Awaits a call of DuckDB's and wraps what it throws; an aborted signal interrupts it.
   * @param statement what is being run, for the error's excerpt
   */
  async call<T>(work: () => Promise<T>, statement: CompiledSql | undefined, options?: StatementOptions): Promise<T> {
    throwIfInterrupted(options);
    if (this.#closed) throw interruption(options);
    let stopInterrupting = () => {};
    const abort = () => {
      stopInterrupting = this.#interrupt();
    };
    options?.signal?.addEventListener('abort', abort, { once: true });
    try {
      const running = work();
      this.#running = running;
      return await running;
    } catch (cause) {
      if (this.#closed || options?.signal?.aborted) throw interruption(options);
      throw duckDbRefusal(cause, statement, options);
    } finally {
      this.#running = null;
      options?.signal?.removeEventListener('abort', abort);
      stopInterrupting();
    }
  }

  /** Ends a result that is open and not read to its end, and with it the transaction that it holds. */
  async endResult(): Promise<void> {
    if (this.#closed) return;
    this.connection.interrupt();
    await this.run(plain('select 1'));
  }

  /** Stops what runs, whose caller gets RUN_INTERRUPTED, and closes the connection. Does nothing the second time. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const stopInterrupting = this.#interrupt();
    await Promise.allSettled([this.#running]);
    stopInterrupting();
    this.connection.disconnectSync();
  }

  /** @returns ends the interrupting */
  #interrupt(): () => void {
    this.connection.interrupt();
    const timer = setInterval(() => this.connection.interrupt(), repeatInterruptMs);
    return () => clearInterval(timer);
  }

  /** `prepare` takes one statement only, so that a template cannot bring in a second one behind a semicolon. */
  #execute<T>(
    statement: CompiledSql,
    options: StatementOptions | undefined,
    execute: (prepared: DuckDBPreparedStatement) => Promise<T>,
  ): Promise<T> {
    const values = statement.binds.map((bind) => valueToDuckDb(bind.type, bind.value));
    const types = statement.binds.map((bind) => duckDbType(bind.type));
    const prepareAndExecute = async () => {
      const prepared = await this.connection.prepare(statement.text);
      try {
        prepared.bind(values, types);
        return await execute(prepared);
      } finally {
        prepared.destroySync();
      }
    };
    return this.call(prepareAndExecute, statement, options);
  }
}

/** A connection of its own, set to a time zone. */
export async function openSession(instance: DuckDBInstance, timeZone: string): Promise<Session> {
  const session = new Session(await instance.connect());
  try {
    const set = plain(`set TimeZone = '${timeZone.replaceAll("'", "''")}'`);
    await session.run(set, { purpose: `use the time zone ${timeZone}` });
    return session;
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** A statement without binds. */
export function plain(text: string): CompiledSql {
  return { text, binds: [] };
}
