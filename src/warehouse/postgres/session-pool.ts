import type { Connector } from './connection.ts';
import { Session } from './session.ts';

/** Idle connections kept for the next statement; making one takes several round trips, and each costs the server memory. */
const maxIdle = 4;

/** The connections of one warehouse. Several may be in use at once. */
export class SessionPool {
  readonly #connector: Connector;
  readonly #idle: Session[] = [];
  readonly #lent = new Set<Session>();
  #closed = false;

  constructor(connector: Connector) {
    this.#connector = connector;
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

  /** @throws WAREHOUSE_UNREACHABLE */
  async take(): Promise<Session> {
    if (this.#closed) throw closedError();
    let session = this.#idle.pop();
    while (session !== undefined && !(await session.answers())) {
      await session.close();
      session = this.#idle.pop();
    }
    session ??= await Session.open(this.#connector);
    if (this.#closed) {
      await session.close();
      throw closedError();
    }
    this.#lent.add(session);
    return session;
  }

  /** Keeps a session for the next caller. */
  async giveBack(session: Session): Promise<void> {
    if (this.#closed || !session.isAlive || this.#idle.length >= maxIdle) return this.discard(session);
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
}

function closedError(): TypeError {
  return new TypeError('The warehouse is closed');
}
