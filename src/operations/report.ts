/**
 * What an operation tells while it works. `event` is a stable word for machines (`model_built`), `message` is for people.
 * An entry with `progress` repeats while work goes on; a terminal draws it as a bar and a log keeps only its end.
 */
export interface LogEntry {
  readonly level: 'debug' | 'info' | 'warn';
  readonly event: string;
  readonly message: string;
  readonly sync?: string;
  readonly model?: string;
  readonly figures?: Readonly<Record<string, number | string | boolean>>;
  readonly progress?: { readonly done: number; readonly total: number };
}

export type Report = (entry: LogEntry) => void;
