import { ScorelineError } from '../../errors/scoreline-error.ts';
import type { SyncResult } from '../../sync/plan-types.ts';
import type { Command } from '../command.ts';
import { painterFor } from '../render/painter.ts';
import { renderRun } from '../render/render-run.ts';

export const runCommand: Command = {
  usage: 'run [syncs..]',
  summary: 'Build, plan and send what changed to HubSpot: the job to schedule',
  positionals: { syncs: { describe: 'Names of syncs, tag:x or path:syncs/x (default: all)', array: true } },
  examples: [
    ['run', 'everything'],
    ['run contacts --target prod', 'one sync, on the target prod'],
    ['run --as-of 2026-06-30', 'with the scores of that day'],
  ],
  async run(args, session) {
    const { runSyncs } = await import('../../operations/run-syncs.ts');
    const { asOf, results } = await runSyncs(await session.workspace(), (args.syncs as string[] | undefined) ?? []);
    return {
      text: renderRun(results, painterFor(session.io.stdout, session.io.env)),
      json: { as_of: asOf, syncs: results },
      error: outcomeError(results),
    };
  },
};

/** Rows that HubSpot refused (exit 7) come before rows that are left for later (exit 9). */
export function outcomeError(results: readonly SyncResult[]): ScorelineError | undefined {
  const sum = (pick: (sync: Pick<SyncResult, 'rejected' | 'deferred'>) => number) =>
    results.reduce((total, sync) => total + [sync, ...sync.lists].reduce((of, each) => of + pick(each), 0), 0);
  const rejected = sum((each) => each.rejected);
  const deferred = sum((each) => each.deferred);
  if (rejected > 0) {
    const rest = deferred > 0 ? `, and ${count(deferred)} are left for the next run` : '';
    return new ScorelineError('RUN_REJECTED', `The run finished; ${count(rejected)} were refused${rest}`, {
      details: { rejected, deferred },
    });
  }
  if (deferred === 0) return undefined;
  const retryAfter = results.map((sync) => sync.retry_after).find((at) => at !== undefined);
  return new ScorelineError('RUN_DEFERRED', `${count(deferred)} were not sent`, {
    ...(retryAfter && { hint: `Run again after ${retryAfter}, when HubSpot takes more.` }),
    details: { deferred, ...(retryAfter && { retry_after: retryAfter }) },
  });
}

function count(rows: number): string {
  return rows === 1 ? '1 row' : `${rows.toLocaleString('en-US')} rows`;
}
