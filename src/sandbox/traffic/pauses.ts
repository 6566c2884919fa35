import { setTimeout as wait } from 'node:timers/promises';

/** Waits in real time, whatever the sandbox's clock says; closing the sandbox ends them all. */
export class Pauses {
  readonly #closing = new AbortController();

  /** @returns false if the sandbox closed meanwhile */
  async pause(ms: number): Promise<boolean> {
    if (ms <= 0) return !this.#closing.signal.aborted;
    try {
      await wait(ms, undefined, { signal: this.#closing.signal });
      return true;
    } catch {
      // Only the signal ends a wait early.
      return false;
    }
  }

  endAll(): void {
    this.#closing.abort();
  }
}
