import { once } from 'node:events';
import type { Connection, Submittable } from 'pg';

/** What `pg` hands to a statement of COPY … FROM STDIN; not in its types (checked with 8.23). */
interface CopyConnection extends Connection {
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
  sendCopyFail(message: string): void;
}

/**
 * COPY … FROM STDIN as a statement of `pg`, which leaves what is sent to whoever submits it. Chunks are asked for one by
 * one, each when the server has taken those before, so that memory stays flat. A source that fails makes the server drop
 * what it has.
 */
export class CopyIn implements Submittable {
  readonly #text: string;
  readonly #chunks: AsyncIterable<string>;
  readonly #settled = Promise.withResolvers<number>();
  #rows = 0;
  #failure: { readonly reason: unknown } | null = null;

  constructor(text: string, chunks: AsyncIterable<string>) {
    this.#text = text;
    this.#chunks = chunks;
    // Who reads `rows` hears of a failure, and it may come before.
    this.#settled.promise.catch(() => undefined);
  }

  /** The rows written. Rejects with what the source threw, or else what the server said. */
  get rows(): Promise<number> {
    return this.#settled.promise;
  }

  submit(connection: Connection): void {
    connection.query(this.#text);
  }

  handleCopyInResponse(connection: CopyConnection): void {
    void this.#send(connection);
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.#rows = Number(/\d+$/.exec(text)?.[0] ?? 0);
  }

  handleReadyForQuery(): void {
    this.#settled.resolve(this.#rows);
  }

  /** Of the server, which also answers so when we gave up, or of the connection. `pg` calls nothing after it. */
  handleError(error: unknown): void {
    this.#failure ??= { reason: error };
    this.#settled.reject(this.#failure.reason);
  }

  async #send(connection: CopyConnection): Promise<void> {
    try {
      for await (const chunk of this.#chunks) {
        // The server said no already, and listens no more.
        if (this.#failure !== null) return;
        connection.sendCopyFromChunk(Buffer.from(chunk));
        const { stream } = connection;
        if (stream.writableNeedDrain) await Promise.race([once(stream, 'drain'), once(stream, 'close')]);
      }
      if (this.#failure === null) connection.endCopyFrom();
    } catch (reason) {
      this.#failure ??= { reason };
      connection.sendCopyFail('the rows broke off');
    }
  }
}
