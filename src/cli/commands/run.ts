import { relative } from 'node:path';
import { ScorelineError } from '../../errors/scoreline-error.ts';
import type { SyncResult } from '../../sync/plan-types.ts';
import type { Command } from '../command.ts';
import { formatCounted } from '../render/format.ts';
import { painterFor } from '../render/painter.ts';

export const runCommand: Command = {
  usage: 'run [syncs..]',
  summary: 'Build, plan and send what changed to HubSpot: the job to schedule',
  positionals: {
    syncs: { describe: 'Names of syncs, tag:x or path:syncs/x', array: true, defaultDescription: 'all' },
  },
  examples: [
    ['run', 'everything'],
    ['run contacts --target prod', 'one sync, on the target prod'],
    ['run --as-of 2026-06-30', 'with the scores of that day'],
  ],
  async run(args, session) {
    const [{ runSyncs }, { renderRun }] = await Promise.all([
      import('../../operations/run-syncs.ts'),
      import('../render/render-run.ts'),
    ]);
    const { io } = session;
    const workspace = await session.workspace();
    const outcome = await runSyncs(workspace, (args.syncs as string[] | undefined) ?? []);
    const { asOf, results, rejections, failure } = outcome;
    const { hubspot } = workspace.target;
    const look =
      hubspot.kind === 'sandbox' && results.length > 0
        ? `\nTo look at the records: scoreline sandbox --state ${relative(io.cwd, hubspot.statePath)}`
        : '';
    return {
      text: renderRun(outcome, painterFor(io.stdout, io.env)) + look,
      json: { as_of: asOf, syncs: results, rejections },
      error: failure ?? outcomeError(results, workspace.runId, workspace.target.schema),
    };
  },
};

/** Rows that HubSpot refused (exit 7) come before rows that are left for later (exit 9). */
export function outcomeError(
  results: readonly SyncResult[],
  runId: string,
  schema: string,
): ScorelineError | undefined {
  const rejected = countOf(results, 'rejected');
  const deferred = countOf(results, 'deferred');
  const retryAfter = results.map((sync) => sync.retry_after).find((at) => at !== undefined);
  const details = { rejected: rejected.count, deferred: deferred.count, ...(retryAfter && { retryAfter }) };
  if (rejected.count > 0) {
    const rest = deferred.count > 0 ? `; ${deferred.words} left for the next run` : '';
    const all = `select sync, model_key, category, message from ${schema}_state.ledger where run_id = '${runId}' and outcome = 'rejected'`;
    return new ScorelineError('RUN_REJECTED', `The run finished, and ${rejected.words} refused${rest}`, {
      hint: `Correct the data: rejected rows are tried again with the next run. All of them: ${all}`,
      details,
    });
  }
  if (deferred.count === 0) return undefined;
  return new ScorelineError('RUN_DEFERRED', `${deferred.words} left for the next run`, {
    ...(retryAfter && { hint: `Run again after ${retryAfter}, when HubSpot takes more.` }),
    details,
  });
}

/** `2 rows and 1 list member were` */
function countOf(results: readonly SyncResult[], outcome: 'rejected' | 'deferred') {
  const rows = results.reduce((sum, sync) => sum + sync[outcome], 0);
  const members = results.reduce((sum, { lists }) => sum + lists.reduce((of, list) => of + list[outcome], 0), 0);
  const counted = [
    ...(rows > 0 ? [formatCounted(rows, 'row')] : []),
    ...(members > 0 ? [formatCounted(members, 'list member')] : []),
  ];
  const count = rows + members;
  return { count, words: `${counted.join(' and ')} ${count === 1 ? 'was' : 'were'}` };
}
