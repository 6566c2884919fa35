import { ScorelineError } from '../../errors/scoreline-error.ts';
import type { Command } from '../command.ts';
import { planView } from '../plan-view.ts';
import { snakeKeys } from '../render/snake-keys.ts';
import { outcomeError } from './run.ts';

export const auditCommand: Command = {
  usage: 'audit <sync>',
  summary: 'Read back from HubSpot what a sync wrote, and report what is different now; --fix puts it back',
  positionals: { sync: { describe: 'Name of a sync' } },
  options: {
    fix: {
      type: 'boolean',
      default: false,
      describe: 'Send a plan that puts everything back as it was written (no guard judges it: try --dry-run first)',
    },
    'dry-run': { type: 'boolean', default: false, describe: 'With --fix: show the plan and send nothing' },
    'fail-on-drift': { type: 'boolean', default: false, describe: 'Exit 6 where there is drift that is not put back' },
  },
  examples: [
    ['audit contacts', 'who changed our properties and lists, and where'],
    ['audit contacts --fix --dry-run', 'what would be put back'],
    ['audit contacts --fail-on-drift --output json', 'as a check in a schedule'],
  ],
  async run(args, session) {
    const [{ auditOne }, { driftOf }, { renderAudit }] = await Promise.all([
      import('../../operations/audit-one.ts'),
      import('../../sync/audit-types.ts'),
      import('../render/render-audit.ts'),
    ]);
    const options = { fix: args.fix === true, dryRun: args['dry-run'] === true };
    const workspace = await session.workspace();
    const outcome = await auditOne(workspace, args.sync as string, options);
    const drift = driftOf(outcome.audit);
    const isLeft = args['fail-on-drift'] === true && drift > 0 && outcome.result === null;
    return {
      text: renderAudit(outcome, planView(workspace, session.io)),
      json: { audit: snakeKeys(outcome.audit), plan: outcome.plan && snakeKeys(outcome.plan), result: outcome.result },
      error: isLeft
        ? new ScorelineError(
            'GUARD_DRIFT',
            `${drift.toLocaleString('en-US')} rows, members or lists are not as ${outcome.audit.sync} left them`,
          )
        : outcomeError(outcome.result === null ? [] : [outcome.result]),
    };
  },
};
