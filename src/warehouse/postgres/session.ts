import { setTimeout } from 'node:timers/promises';
import type pg from 'pg';
import type { CompiledSql } from '../../sql/types.ts';
import { interruption, throwIfInterrupted } from '../interruption.ts';
import type { StatementOptions } from '../port.ts';
import { valueToText } from '../value-text.ts';
import type { Connector } from './connection.ts';
import { CopyIn } from './copy-in.ts';
import { postgresRefusal, type SentStatement } from './errors.ts';
import type { TextResult } from './rows.ts';

/** A cancellation that arrives before the server has begun to execute is forgotten, so it is repeated until the call ends. */
const repeatCancelMs = 100;

/** Values stay the texts that the server sends; `rowsOf` reads them. */
const asText = { getTypeParser: () => (text: string) => text };

/**
 * One connection, lent to one caller at a time. It is idle, runs a call, holds a cursor, or is in a transaction. What `pg`
 * throws leaves it as a `ScorelineError`.
 */
export class Session {
  readonly #client: pg.Client;
  readonly #connector: Connector;
  /** Whom grants are for. */
  readonly #role: string;
  #truncated: string | null = null;
  #running: Promise<unknown> | null = null;
  #isAlive = true;
  #isClosed = false;

  private constructor(client: pg.Client, connector: Connector, role: string) {
    this.#client = client;
    this.#connector = connector;
    this.#role = role;
    for (const event of ['end', 'error'] as const) {
      client.on(event, () => {
        this.#isAlive = false;
      });
    }
    // PostgreSQL cuts a name of more than 63 bytes, and says so in a notice alone (42622).
    client.on('notice', (notice) => {
      if (notice.code === '42622') this.#truncated = notice.message ?? '';
    });
  }

  static async open(connector: Connector): Promise<Session> {
    const { client, server } = await connector.connect();
    return new Session(client, connector, String(server.role));
  }

  /** False once the connection broke, which an idle one does without anybody asking it. */
  get isAlive(): boolean {
    return this.#isAlive && !this.#isClosed;
  }

  /**
   * Asks the server for a sign of life. A connection may have broken without word while it was idle, such as one that a
   * firewall forgot or whose end is still on its way here.
   */
  async isUsable(): Promise<boolean> {
    if (!this.isAlive) return false;
    const answered = this.#client.query('').then(
      () => true,
      () => false,
    );
    return (await answered) && this.isAlive;
  }

  /** Runs one statement to its end; a text with several is refused. */
  async run(statement: CompiledSql, options?: StatementOptions): Promise<TextResult> {
    const values = statement.binds.map((bind) => valueToText(bind.type, bind.value));
    const prefix = commentOf(options?.purpose);
    const text = `${prefix}${statement.text}`;
    const query = { text, values, rowMode: 'array' as const, types: asText, queryMode: 'extended' };
    const sent: SentStatement = { text, statement, role: this.#role };
    const result = await this.#call(() => this.#client.query<(string | null)[]>(query), sent, options);
    if (this.#truncated !== null) {
      const message = this.#truncated;
      this.#truncated = null;
      throw postgresRefusal(new Error(message), sent, options);
    }
    return result;
  }

  /** COPY … FROM STDIN of the chunks. What their source throws is thrown as it is. @returns rows written */
  async copyIn(text: string, chunks: AsyncIterable<string>, options?: StatementOptions): Promise<number> {
    let thrown: { readonly reason: unknown } | null = null;
    async function* watched() {
      try {
        yield* chunks;
      } catch (reason) {
        thrown = { reason };
        throw reason;
      }
    }
    const copy = () => this.#client.query(new CopyIn(`${commentOf(options?.purpose)}${text}`, watched())).rows;
    const sent: SentStatement = { text, statement: plain(text), role: this.#role };
    return this.#call(copy, sent, options).catch((error: unknown) => {
      throw thrown === null ? error : thrown.reason;
    });
  }

  /** All of the work takes effect, or none. @param options of the commit, which computes what a cursor holds */
  async transaction<T>(work: () => Promise<T>, options?: StatementOptions): Promise<T> {
    await this.run(plain('begin'));
    try {
      const result = await work();
      await this.run(plain('commit'), options);
      return result;
    } catch (error) {
      // What the work failed with matters more than a rollback that fails as well; the pool closes the session then.
      if (this.isAlive) await Promise.allSettled([this.run(plain('rollback'))]);
      throw error;
    }
  }

  /** Stops what runs, whose caller gets RUN_INTERRUPTED, and closes the connection. Does nothing the second time. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#running !== null) {
      // A server does not notice by itself that nobody waits for the end of a statement.
      const ended = new AbortController();
      const cancelling = this.#cancelUntil(ended.signal);
      await Promise.allSettled([this.#running]);
      ended.abort();
      await cancelling;
    }
    await this.#client.end().catch(() => undefined);
  }

  /** Awaits a call of the client's and wraps what it throws; an aborted signal cancels it in the server. */
  async #call<T>(work: () => Promise<T>, sent: SentStatement, options: StatementOptions | undefined): Promise<T> {
    throwIfInterrupted(options);
    if (this.#isClosed) throw interruption(options);
    const ended = new AbortController();
    let cancelling: Promise<void> | null = null;
    const abort = () => {
      // The server may hear of it only after the statement has come to its end: the next one must not be cancelled.
      this.#isAlive = false;
      cancelling = this.#cancelUntil(ended.signal);
    };
    options?.signal?.addEventListener('abort', abort, { once: true });
    try {
      const running = work();
      this.#running = running;
      return await running;
    } catch (cause) {
      if (this.#isClosed || options?.signal?.aborted) throw interruption(options);
      throw postgresRefusal(cause, sent, options);
    } finally {
      this.#running = null;
      options?.signal?.removeEventListener('abort', abort);
      ended.abort();
      await cancelling;
    }
  }

  /** On a connection of its own, since this one is busy. Where none can be made, this one is broken off. */
  async #cancelUntil(ended: AbortSignal): Promise<void> {
    // `pg` knows it from the start of the session, but its types do not.
    const { processID } = this.#client as unknown as { readonly processID: number };
    try {
      const { client } = await this.#connector.connect();
      try {
        while (!ended.aborted) {
          await client.query('select pg_cancel_backend($1)', [processID]);
          await setTimeout(repeatCancelMs, undefined, { signal: ended }).catch(() => undefined);
        }
      } finally {
        await client.end();
      }
    } catch {
      if (!ended.aborted) await this.#client.end().catch(() => undefined);
    }
  }
}

/** A statement without binds. */
export function plain(text: string): CompiledSql {
  return { text, binds: [] };
}

/** Says in `pg_stat_activity` and in the server's log what a statement is for. */
function commentOf(purpose: string | undefined): string {
  return purpose === undefined ? '' : `/* scoreline: ${purpose.replaceAll(/\*\/|\/\*/g, '')} */ `;
}
