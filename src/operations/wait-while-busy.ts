import { ScorelineError } from '../errors/scoreline-error.ts';
import type { Clock } from '../hubspot/clock.ts';
import type { Report } from './report.ts';

const retryEveryMs = 1000;

export interface Waiting {
  /** 0: not at all. */
  readonly waitMs: number;
  readonly clock: Pick<Clock, 'monotonicMs' | 'sleep'>;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/**
 * Tries again while another process holds what the work needs.
 * @throws RUN_BUSY when the time is up; the signal's reason
 */
export async function waitWhileBusy<T>({ waitMs, clock, report, signal }: Waiting, work: () => Promise<T>): Promise<T> {
  const startedMs = clock.monotonicMs();
  for (let told = false; ; told = true) {
    try {
      return await work();
    } catch (error) {
      const isBusy = error instanceof ScorelineError && error.code === 'RUN_BUSY';
      if (!isBusy || clock.monotonicMs() - startedMs + retryEveryMs > waitMs) throw error;
      if (!told) report({ level: 'info', event: 'waiting', message: `${error.message} Waiting for it.` });
    }
    await clock.sleep(retryEveryMs, signal);
  }
}
