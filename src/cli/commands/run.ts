import { relative } from 'node:path';
import { ScorelineError } from '../../errors/scoreline-error.ts';
import type { RunOutcome } from '../../operations/run-syncs.ts';
import type { CanaryResult, SyncResult } from '../../sync/plan-types.ts';
import { confirmFor } from '../ask.ts';
import type { Command } from '../command.ts';
import { limitOption, parseLimit } from '../limit.ts';
import { overrideOption, parseOverrides } from '../overrides.ts';
import { formatCount, formatCounted } from '../render/format.ts';
import { painterFor } from '../render/painter.ts';
import { renderSpending } from '../render/render-spending.ts';
import { waitOption } from '../wait-option.ts';
import { showPlan } from './plan.ts';

export const runCommand: Command = {
  usage: 'run [syncs..]',
  summary: 'Build, plan and send what changed to HubSpot: the job to schedule',
  positionals: {
    syncs: { describe: 'Names of syncs, tag:x or path:syncs/x', array: true, defaultDescription: 'all' },
  },
  options: {
    'dry-run': { type: 'boolean', default: false, describe: 'Show the plan and send nothing, as `plan` does' },
    'allow-older': {
      type: 'boolean',
      default: false,
      describe: 'Send scores of an instant before those that HubSpot accepted last',
    },
    limit: limitOption,
    override: overrideOption,
    ...waitOption,
  },
  hasMarkdown: true,
  examples: [
    ['run', 'everything'],
    ['run contacts --target prod', 'one sync, on the target prod'],
    ['run --as-of 2026-06-30', 'with the scores of that day'],
    ['run contacts --limit 100', 'the first 100 rows; the next run begins with the others'],
  ],
  async run(args, session) {
    const [{ runSyncs }, { renderRun }] = await Promise.all([
      import('../../operations/run-syncs.ts'),
      import('../render/render-run.ts'),
    ]);
    const { io } = session;
    const selectors = (args.syncs as string[] | undefined) ?? [];
    const override = args.override as string[] | undefined;
    if (args['dry-run'] === true) return showPlan(session, { selectors, override });
    const options = {
      overrides: parseOverrides(override),
      confirm: confirmFor(io, session.options.yes),
      allowOlder: args['allow-older'] === true,
      maxRows: parseLimit(args.limit as number | undefined),
    };
    const workspace = await session.workspace();
    const outcome = await runSyncs(workspace, selectors, options);
    const paint = painterFor(io.stdout, io.env);
    const result = runResult(outcome, renderRun(outcome, paint));
    const text = [result.text, renderSpending(session.spent(), paint)].join('\n');
    const { hubspot } = workspace.target;
    if (hubspot.kind !== 'sandbox' || outcome.results.length === 0) return { ...result, text };
    const look = `To look at the records: scoreline sandbox --state ${relative(io.cwd, hubspot.statePath)}`;
    return { ...result, text: `${text}\n${look}` };
  },
};

/** What `run` and `apply` answer. */
export function runResult({ asOf, results, rejections, failure }: RunOutcome, text: string) {
  return {
    text,
    json: { as_of: asOf, syncs: results, rejections },
    warnings: knownRejections(results),
    error: failure ?? outcomeError(results),
  };
}

/** Rows refused for the first time (exit 7) come before rows that are left for later (exit 9). */
export function outcomeError(results: readonly SyncResult[]): ScorelineError | undefined {
  const canaryFailed = results.find(({ canary }) => canary?.stopped);
  if (canaryFailed?.canary !== undefined) return canaryError(canaryFailed.sync, canaryFailed.canary);
  const rejected = countOf(results, { rows: 'newly_rejected', members: 'rejected' });
  const deferred = countOf(results, { rows: 'deferred', members: 'deferred' });
  const retryAfter = results.map((sync) => sync.retry_after).find((at) => at !== undefined);
  const details = { rejected: rejected.count, deferred: deferred.count, ...(retryAfter && { retryAfter }) };
  if (rejected.count > 0) {
    const rest = deferred.count > 0 ? `; ${deferred.words} left for the next run` : '';
    return new ScorelineError('RUN_REJECTED', `The run finished, and ${rejected.words} refused${rest}`, { details });
  }
  if (deferred.count === 0) return undefined;
  return new ScorelineError('RUN_DEFERRED', `${deferred.words} left for the next run`, {
    ...(retryAfter && { hint: `Run again after ${retryAfter}, when HubSpot takes more.` }),
    details,
  });
}

function canaryError(sync: string, { rows, failed, example }: CanaryResult): ScorelineError {
  const message = `${sync} stopped after its first ${formatCounted(rows, 'row')}: ${formatCount(failed)} were refused, or read back otherwise than written, such as ${example}`;
  return new ScorelineError('RUN_CANARY', message, { details: { sync, rows, failed, example } });
}

/** Rows that were refused in an earlier run too: somebody has heard of them. */
function knownRejections(results: readonly SyncResult[]): readonly string[] {
  return results.flatMap(({ sync, rejected, newly_rejected: fresh, waiting }) => {
    const known = rejected - fresh + waiting;
    if (known === 0) return [];
    const pause = waiting > 0 ? `, of which ${formatCount(waiting)} were not tried again yet` : '';
    const rows = formatCounted(known, 'row');
    return [`${sync}: ${rows} refused as in earlier runs${pause}; \`scoreline rejected ${sync}\` tells why`];
  });
}

interface CountedOutcome {
  readonly rows: 'newly_rejected' | 'deferred';
  readonly members: 'rejected' | 'deferred';
}

/** `2 rows and 1 list member were` */
function countOf(results: readonly SyncResult[], of: CountedOutcome) {
  const rows = results.reduce((sum, sync) => sum + sync[of.rows], 0);
  const members = results.reduce((sum, { lists }) => sum + lists.reduce((all, list) => all + list[of.members], 0), 0);
  const counted = [
    ...(rows > 0 ? [formatCounted(rows, 'row')] : []),
    ...(members > 0 ? [formatCounted(members, 'list member')] : []),
  ];
  const count = rows + members;
  return { count, words: `${counted.join(' and ')} ${count === 1 ? 'was' : 'were'}` };
}
