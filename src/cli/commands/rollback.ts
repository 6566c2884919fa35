import { confirmFor } from '../ask.ts';
import type { Command } from '../command.ts';
import { planView } from '../plan-view.ts';
import { snakeKeys } from '../render/snake-keys.ts';
import { outcomeError } from './run.ts';

export const rollbackCommand: Command = {
  usage: 'rollback <run>',
  summary:
    'Restore the values and list members before a run; what was changed since stays, and is listed; guards do not judge it',
  positionals: { run: { describe: "The run's id, as `status` shows it" } },
  options: {
    'dry-run': { type: 'boolean', default: false, describe: 'Show what would be restored and send nothing' },
    overwrite: { type: 'boolean', default: false, describe: 'Restore values too that somebody changed since' },
  },
  examples: [
    ['rollback 20260131T080000-3fa9c1 --dry-run', 'what would be restored, and what was changed since'],
    ['rollback 20260131T080000-3fa9c1', 'restore it (a terminal asks first)'],
  ],
  async run(args, session) {
    const [{ rollBack }, { renderRollback }] = await Promise.all([
      import('../../operations/roll-back.ts'),
      import('../render/render-rollback.ts'),
    ]);
    const workspace = await session.workspace();
    const outcome = await rollBack(workspace, args.run as string, {
      dryRun: args['dry-run'] === true,
      overwrite: args.overwrite === true,
      confirm: confirmFor(session.io, session.options.yes),
    });
    const wereSent = outcome.results.length > 0;
    return {
      text: renderRollback(outcome, planView(workspace, session.io)),
      json: {
        rollbacks: outcome.rollbacks.map(snakeKeys),
        plans: outcome.plans.map(snakeKeys),
        syncs: outcome.results,
      },
      warnings: wereSent ? ['The next run sends what the models say: mend them first, or pause the schedule.'] : [],
      error: outcome.failure ?? outcomeError(outcome.results),
    };
  },
};
