import type { Binds, Connection, RowStatement } from 'snowflake-sdk';
import { ScorelineError } from '../../errors/scoreline-error.ts';
import type { SnowflakeSettings } from '../../project/warehouse-types.ts';
import type { CompiledSql } from '../../sql/types.ts';
import { interruption, throwIfInterrupted } from '../interruption.ts';
import type { OpenOptions, StatementOptions } from '../port.ts';
import { snowflakeRefusal } from './errors.ts';
import { queryTag } from './query-tag.ts';
import { bindToSnowflake, fetchedAsText } from './values.ts';

/** Snowflake forgets to cancel a request that reaches it after its cancellation, so that is repeated until the call ends. */
const repeatCancelMs = 200;

export interface SessionOptions extends OpenOptions {
  readonly settings: SnowflakeSettings;
}

/**
 * One session of Snowflake, lent to one caller at a time. It is idle, runs a statement, or is in a transaction; a result
 * that is being read does not hold it. What the driver throws leaves it as a `ScorelineError`.
 */
export class Session {
  readonly #connection: Connection;
  readonly #options: SessionOptions;
  #running: { readonly done: Promise<unknown>; cancel(): void } | null = null;
  #closed = false;

  constructor(connection: Connection, options: SessionOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  /** Runs one statement to its end. The rows stay in Snowflake until they are read. */
  run(statement: CompiledSql, options?: StatementOptions): Promise<RowStatement> {
    const binds = statement.binds.map(bindToSnowflake);
    return this.#execute(statement, options, { binds });
  }

  /** Runs an INSERT once for many rows of binds, in one request. All texts, or null. */
  runMany(
    statement: CompiledSql,
    rows: readonly (readonly (string | null)[])[],
    options?: StatementOptions,
  ): Promise<RowStatement> {
    return this.#execute(statement, options, { binds: rows.map((row) => [...row]) });
  }

  /** Compiles a statement and runs nothing: the result has its columns and no rows. */
  describe(statement: CompiledSql, options?: StatementOptions): Promise<RowStatement> {
    const binds = statement.binds.map(bindToSnowflake);
    return this.#execute(statement, options, { binds, describeOnly: true });
  }

  /** The rows that INSERT, UPDATE, DELETE and MERGE in the work touched take effect together, or none. DDL in it would commit. */
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

  /** The error of what the driver threw, which what was stopped throws too; one of ours is passed on. */
  refusal(thrown: unknown, statement: CompiledSql | undefined, options: StatementOptions | undefined): unknown {
    if (thrown instanceof ScorelineError) return thrown;
    if (this.#closed || options?.signal?.aborted) return interruption(options);
    return snowflakeRefusal(thrown, statement, options, this.#options.settings);
  }

  /** Stops what runs, whose caller gets RUN_INTERRUPTED, and ends the session. Does nothing the second time. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#running?.cancel();
    await Promise.allSettled([this.#running?.done]);
    // A session that cannot be ended, as its connection is lost, ends by itself in Snowflake.
    await new Promise<void>((resolve) => this.#connection.destroy(() => resolve()));
  }

  async #execute(
    statement: CompiledSql,
    options: StatementOptions | undefined,
    more: { readonly binds: Binds; readonly describeOnly?: boolean },
  ): Promise<RowStatement> {
    throwIfInterrupted(options);
    if (this.#closed) throw interruption(options);
    const done = Promise.withResolvers<RowStatement>();
    let sent: RowStatement | undefined;
    let repeat: NodeJS.Timeout | undefined;
    const cancel = () => {
      sent?.cancel();
      repeat ??= setInterval(() => sent?.cancel(), repeatCancelMs);
    };
    options?.signal?.addEventListener('abort', cancel, { once: true });
    try {
      sent = this.#connection.execute({
        sqlText: statement.text,
        // Without binds a `?` is no placeholder.
        ...(more.binds.length > 0 && { binds: more.binds }),
        describeOnly: more.describeOnly,
        streamResult: true,
        rowMode: 'array',
        fetchAsString: [...fetchedAsText],
        // Whatever the account says: a template cannot bring in a second statement behind a semicolon.
        parameters: { MULTI_STATEMENT_COUNT: 1, QUERY_TAG: queryTag(this.#options.runId, options?.purpose) },
        complete: (error, finished) => (error ? done.reject(error) : done.resolve(finished)),
      });
      this.#running = { done: done.promise, cancel };
      return await done.promise;
    } catch (error) {
      throw this.refusal(error, statement, options);
    } finally {
      this.#running = null;
      options?.signal?.removeEventListener('abort', cancel);
      clearInterval(repeat);
    }
  }
}

/** A statement without binds. */
export function plain(text: string): CompiledSql {
  return { text, binds: [] };
}
