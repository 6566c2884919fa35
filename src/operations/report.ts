/** What an operation tells while it works. `event` is a stable word for machines (`model_built`), `message` is for people. */
export interface LogEntry {
  readonly level: 'debug' | 'info' | 'warn';
  readonly event: string;
  readonly message: string;
  readonly sync?: string;
  readonly model?: string;
  readonly figures?: Readonly<Record<string, number | string | boolean>>;
  /**
   * One step of many. A log has it if its level is wanted; a terminal shows it, whatever its level, only until the next
   * entry comes, so that the steps do not push the result off the screen.
   */
  readonly passing?: true;
  /** Of a passing entry: how far the work is. */
  readonly progress?: { readonly done: number; readonly total: number };
}

export type Report = (entry: LogEntry) => void;
