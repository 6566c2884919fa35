import type { DuckDBInstance } from '@duckdb/node-api';
import { plain, Session } from './session.ts';

/** Idle connections kept for the next statement; one costs 0.2 ms to make and a little memory to keep. */
const maxIdle = 4;

/** The connections of one warehouse, each set to the project's time zone. Several may be in use at once. */
export class SessionPool {
  readonly #instance: DuckDBInstance;
  readonly #timeZone: string;
  readonly #idle: Session[] = [];
  readonly #lent = new Set<Session>();
  #closed = false;

  constructor(instance: DuckDBInstance, timeZone: string) {
    this.#instance = instance;
    this.#timeZone = timeZone;
  }

  /** Lends a session for the work. */
  async use<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const session = await this.take();
    try {
      const result = await work(session);
      await this.giveBack(session);
      return result;
    } catch (error) {
      await this.discard(session);
      throw error;
    }
  }

  async take(): Promise<Session> {
    if (this.#closed) throw closedError();
    const session = this.#idle.pop() ?? (await this.#connect());
    this.#lent.add(session);
    return session;
  }

  /** Keeps a session for the next caller. */
  async giveBack(session: Session): Promise<void> {
    if (this.#closed || this.#idle.length >= maxIdle) return this.discard(session);
    this.#lent.delete(session);
    this.#idle.push(session);
  }

  /** Closes a session, and with it whatever an error left open in it. */
  async discard(session: Session): Promise<void> {
    this.#lent.delete(session);
    await session.close();
  }

  /** Stops what still runs and closes every connection. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#idle.splice(0), ...this.#lent].map((session) => session.close()));
    this.#lent.clear();
  }

  async #connect(): Promise<Session> {
    const session = new Session(await this.#instance.connect());
    const timeZone = this.#timeZone.replaceAll("'", "''");
    try {
      await session.run(plain(`set TimeZone = '${timeZone}'`), { purpose: `use the time zone ${this.#timeZone}` });
      if (this.#closed) throw closedError();
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }
}

function closedError(): TypeError {
  return new TypeError('The warehouse is closed');
}
