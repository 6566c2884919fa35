/** What a build tells while it works. */
export type BuildEvent =
  /** Tables that a run which died had left behind. */
  | { readonly kind: 'leftovers_dropped'; readonly tables: readonly string[] }
  /** `position` counts from 1. */
  | { readonly kind: 'model_started'; readonly model: string; readonly position: number; readonly total: number }
  | ({ readonly kind: 'model_built' } & BuiltModel)
  | ({ readonly kind: 'test_failed'; readonly model: string } & TestResult)
  /** Of a scorecard that was built: a part that does nothing, or too much. */
  | { readonly kind: 'model_remark'; readonly model: string; readonly message: string }
  | { readonly kind: 'model_refused'; readonly model: string; readonly message: string }
  /** Not built, since it reads models that failed. */
  | { readonly kind: 'model_skipped'; readonly model: string; readonly failed: readonly string[] };

export interface BuiltModel {
  readonly model: string;
  readonly materialize: 'table' | 'view' | 'inline';
  /** Null for a view or an inline model without tests: nobody counted. */
  readonly rows: number | null;
  /** That its table was made from; null for what is no table, and where the warehouse counts none. */
  readonly bytesRead: number | null;
  readonly seconds: number;
  readonly tests: readonly TestResult[];
}

export interface TestResult {
  /** `unique email` */
  readonly test: string;
  readonly severity: 'error' | 'warn';
  readonly passed: boolean;
  /** Rows that fail it; of `unique`, values that stand in more than one row; of `row_count`, all rows. */
  readonly count: number;
  readonly example: string | null;
  /** In one sentence, where it failed. */
  readonly message?: string;
}
