import type { DayInputs } from '../scoring/day-inputs.ts';
import type { AsOf } from '../sql/types.ts';
import type { CompiledModel, CompiledProject } from './types.ts';

export interface HistoryRequest {
  readonly compiled: CompiledProject;
  /** A scored one, whose staged table passed its tests. */
  readonly model: CompiledModel;
  /** The instant of the live table; null where there is none. */
  readonly previous: AsOf | null;
  readonly runId: string | null;
  /** Of a card whose builds keep the sums of days, which are up to date. */
  readonly days?: DayInputs;
}
