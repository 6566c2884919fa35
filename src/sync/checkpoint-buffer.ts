import type { Capabilities } from '../warehouse/port.ts';

/**
 * Collects rows and writes them in bulk beside the work that makes them: after as many rows or milliseconds as the
 * warehouse asks for. One write at a time; whoever adds waits only when twice the rows are there that a write takes.
 */
export class CheckpointBuffer<T> {
  readonly #write: (rows: readonly T[]) => Promise<void>;
  readonly #limits: Pick<Capabilities, 'checkpointEveryRows' | 'checkpointEveryMs'>;
  #rows: T[] = [];
  #writing: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #failure: { readonly error: unknown } | null = null;

  constructor(
    limits: Pick<Capabilities, 'checkpointEveryRows' | 'checkpointEveryMs'>,
    write: (rows: readonly T[]) => Promise<void>,
  ) {
    this.#limits = limits;
    this.#write = write;
  }

  /** @throws what an earlier write threw */
  async add(rows: readonly T[]): Promise<void> {
    this.#throwFailure();
    this.#rows.push(...rows);
    if (this.#rows.length >= this.#limits.checkpointEveryRows) this.#start();
    else if (this.#rows.length > 0) this.#timer ??= setTimeout(() => this.#start(), this.#limits.checkpointEveryMs);
    while (this.#rows.length >= 2 * this.#limits.checkpointEveryRows && this.#writing !== null) await this.#writing;
    this.#throwFailure();
  }

  /** Writes what is left and waits for it. The buffer can be used again. */
  async flush(): Promise<void> {
    while (this.#failure === null && (this.#writing !== null || this.#rows.length > 0)) {
      this.#start();
      await this.#writing;
    }
    await this.cancel();
    this.#throwFailure();
  }

  /** Drops what is not written and waits for a write under way. */
  async cancel(): Promise<void> {
    this.#rows = [];
    this.#start();
    await this.#writing;
  }

  #start(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#writing !== null || this.#rows.length === 0) return;
    const rows = this.#rows;
    this.#rows = [];
    this.#writing = this.#write(rows)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        this.#writing = null;
        if (this.#failure === null && this.#rows.length >= this.#limits.checkpointEveryRows) this.#start();
      });
  }

  #throwFailure(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }
}
