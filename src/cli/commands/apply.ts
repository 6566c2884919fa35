import { ScorelineError } from '../../errors/scoreline-error.ts';
import { confirmFor } from '../ask.ts';
import type { Command } from '../command.ts';
import { limitOption, parseLimit } from '../limit.ts';
import { overrideOption, parseOverrides } from '../overrides.ts';
import { painterFor } from '../render/painter.ts';
import { waitOption } from '../wait-option.ts';
import { runResult } from './run.ts';

export const applyCommand: Command = {
  usage: 'apply <plan>',
  summary: 'Send a plan that `plan --out` saved, exactly as it was shown',
  positionals: { plan: { describe: 'File that `plan --out` wrote' } },
  options: { limit: limitOption, override: overrideOption, ...waitOption },
  examples: [
    ['apply plan.json', 'send what that plan shows; once sent, it does nothing'],
    ['apply plan.json --limit 100', 'the first 100 rows; the same again sends the next'],
    ['apply plan.json --override max_changed="new scores"', 'although it changes more than the guard allows'],
  ],
  async run(args, session) {
    const [{ applySaved }, { readPlanFile }, { renderRun }] = await Promise.all([
      import('../../operations/apply-saved.ts'),
      import('../../operations/plan-file.ts'),
      import('../render/render-run.ts'),
    ]);
    const overrides = parseOverrides(args.override as string[] | undefined);
    const { io, options } = session;
    if (options.asOf !== undefined || options.param.length > 0) {
      throw new ScorelineError('USAGE_INVALID', 'apply takes no --as-of and no --param: the plan is as it was made', {
        hint: 'Give them to `scoreline plan --out FILE`.',
      });
    }
    const file = readPlanFile(session.path(args.plan as string));
    if (options.target !== undefined && options.target !== file.target) {
      throw new ScorelineError('USAGE_INVALID', `The plan was made for target ${file.target}, not ${options.target}`, {
        hint: 'Leave --target out: the plan knows its own.',
      });
    }
    const workspace = await session.workspace({ target: file.target, asOf: file.as_of });
    const maxRows = parseLimit(args.limit as number | undefined);
    const confirm = confirmFor(io, options.yes);
    const outcome = await applySaved(workspace, file, { overrides, confirm, maxRows });
    return runResult(outcome, renderRun(outcome, painterFor(io.stdout, io.env)));
  },
};
