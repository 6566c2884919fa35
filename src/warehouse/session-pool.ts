/** One connection of a warehouse, lent to one caller at a time. */
export interface PooledSession {
  /** Asked before an idle one is lent again, where it may have broken without a word. */
  isUsable?(): Promise<boolean>;
  /** Stops what still runs. Does nothing the second time. */
  close(): Promise<void>;
}

/** Idle sessions kept for the next statement: making one takes up to a second, and each costs some memory on either side. */
const maxIdle = 4;

/** The sessions of one warehouse, each set up alike. Several may be in use at once. */
export class SessionPool<S extends PooledSession> {
  readonly #open: () => Promise<S>;
  readonly #idle: S[] = [];
  readonly #lent = new Set<S>();
  #closed = false;

  constructor(open: () => Promise<S>) {
    this.#open = open;
  }

  /** Lends a session for the work. */
  async use<T>(work: (session: S) => Promise<T>): Promise<T> {
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
  async take(): Promise<S> {
    if (this.#closed) throw closedError();
    let session = this.#idle.pop();
    while (session !== undefined && (await session.isUsable?.()) === false) {
      await session.close();
      session = this.#idle.pop();
    }
    session ??= await this.#open();
    if (this.#closed) {
      await session.close();
      throw closedError();
    }
    this.#lent.add(session);
    return session;
  }

  /** Keeps a session for the next caller. */
  async giveBack(session: S): Promise<void> {
    if (this.#closed || this.#idle.length >= maxIdle) return this.discard(session);
    this.#lent.delete(session);
    this.#idle.push(session);
  }

  /** Closes a session, and with it whatever an error left open in it: a transaction, temporary tables. */
  async discard(session: S): Promise<void> {
    this.#lent.delete(session);
    await session.close();
  }

  /** Stops what still runs and closes every session. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#idle.splice(0), ...this.#lent].map((session) => session.close()));
    this.#lent.clear();
  }
}

function closedError(): TypeError {
  return new TypeError('The warehouse is closed');
}
