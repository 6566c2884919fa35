import type { Session, SessionOptions } from './session.ts';
import { startSession } from './start-session.ts';

/** Idle sessions kept for the next statement; to start one takes Snowflake a second. */
const maxIdle = 4;

/** The sessions of one warehouse, each set to the project's time zone. Several may be in use at once. */
export class SessionPool {
  readonly #options: SessionOptions;
  readonly #idle: Session[] = [];
  readonly #lent = new Set<Session>();
  #closed = false;

  constructor(options: SessionOptions) {
    this.#options = options;
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
    const session = this.#idle.pop() ?? (await startSession(this.#options));
    if (this.#closed) {
      await session.close();
      throw closedError();
    }
    this.#lent.add(session);
    return session;
  }

  /** Keeps a session for the next caller. */
  async giveBack(session: Session): Promise<void> {
    if (this.#closed || this.#idle.length >= maxIdle) return this.discard(session);
    this.#lent.delete(session);
    this.#idle.push(session);
  }

  /** Ends a session, and with it what an error left open in it: a transaction, temporary tables. */
  async discard(session: Session): Promise<void> {
    this.#lent.delete(session);
    await session.close();
  }

  /** Stops what still runs and ends every session. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#idle.splice(0), ...this.#lent].map((session) => session.close()));
    this.#lent.clear();
  }
}

function closedError(): TypeError {
  return new TypeError('The warehouse is closed');
}
