import { appendLedger, type LedgerContext, type LedgerEntry } from '../state/ledger.ts';
import type { State } from '../state/state.ts';
import { CheckpointBuffer } from './checkpoint-buffer.ts';

export type Outcome = Omit<LedgerEntry, 'attemptedAt'>;

/** Writes the outcomes of one apply to the ledger, in bulk and beside the sending. */
export class LedgerWriter {
  readonly #buffer: CheckpointBuffer<LedgerEntry>;
  readonly #now: () => Date;
  #written = 0;

  constructor(state: State, context: LedgerContext, now: () => Date) {
    this.#now = now;
    this.#buffer = new CheckpointBuffer(state.warehouse.capabilities, async (entries) => {
      const first = this.#written + 1;
      this.#written += entries.length;
      await appendLedger(state, context, entries, first);
    });
  }

  /** Entries written so far; the next one has the sequence after it. */
  get written(): number {
    return this.#written;
  }

  add(outcomes: readonly Outcome[]): Promise<void> {
    const attemptedAt = this.#now().toISOString();
    return this.#buffer.add(outcomes.map((outcome) => ({ ...outcome, attemptedAt })));
  }

  /** Writes what is not written yet and waits for it. */
  flush(): Promise<void> {
    return this.#buffer.flush();
  }
}
