import { hasOperations } from '../../sync/plan-types.ts';
import type { Command, CommandResult } from '../command.ts';
import { overrideOption, parseOverrides } from '../overrides.ts';
import { planView } from '../plan-view.ts';
import { commandLine } from '../render/command-line.ts';
import { bytesReadAsJson, bytesReadInWords } from '../render/render-bytes-read.ts';
import { snakeKeys } from '../render/snake-keys.ts';
import type { Session } from '../session.ts';
import { waitOption } from '../wait-option.ts';

export const planCommand: Command = {
  usage: 'plan [syncs..]',
  summary: 'Show what a run would send to HubSpot, and send nothing',
  positionals: {
    syncs: { describe: 'Names of syncs, tag:x or path:syncs/x', array: true, defaultDescription: 'all' },
  },
  options: {
    out: { type: 'string', requiresArg: true, describe: 'File to save the plan in, for `apply`' },
    override: overrideOption,
    ...waitOption,
  },
  hasMarkdown: true,
  examples: [
    ['plan', 'what every sync would change'],
    ['plan contacts --param half_life=7d', 'what another half-life would change'],
    ['plan --out plan.json', 'save the plan, to apply it as it is'],
    ['plan --output markdown', 'for a pull request'],
    ['plan --output json | jq .plans[0].rows', 'the numbers alone'],
  ],
  run: (args, session) =>
    showPlan(session, {
      selectors: (args.syncs as string[] | undefined) ?? [],
      override: args.override as string[] | undefined,
      out: args.out as string | undefined,
    }),
};

export interface ShowPlanRequest {
  readonly selectors: readonly string[];
  readonly override: readonly string[] | undefined;
  /** File to save the plan in. */
  readonly out?: string;
}

/** What `plan` and `run --dry-run` do: the plan is shown, and saved if asked, whatever guards say of it. */
export async function showPlan(session: Session, request: ShowPlanRequest): Promise<CommandResult> {
  const [{ planSyncs }, { writePlanFile }, { guardError }, { renderJudged }, { renderMarkdown }] = await Promise.all([
    import('../../operations/run-syncs.ts'),
    import('../../operations/plan-file.ts'),
    import('../../operations/guard-plans.ts'),
    import('../render/render-guards.ts'),
    import('../render/render-markdown.ts'),
  ]);
  const { selectors, override = [], out } = request;
  const overrides = parseOverrides(override);
  const workspace = await session.workspace();
  const outcome = await planSyncs(workspace, selectors, { overrides });
  const { asOf, judged, bytesRead } = outcome;
  const reading = bytesReadInWords(bytesRead);
  if (out !== undefined) {
    const path = session.path(out);
    writePlanFile({ path, project: workspace.project.name, target: workspace.target.name, outcome });
    session.talk.report({ level: 'info', event: 'plan_saved', message: `saved the plan: scoreline apply ${out}` });
  }
  const error = guardError(workspace, judged);
  const words = ['run', ...selectors, ...override.flatMap((each) => ['--override', each])];
  const hasNext = out === undefined && error === undefined && judged.some(({ plan }) => hasOperations(plan));
  const next = hasNext ? `\nTo send it: ${commandLine(words, session.options)}` : '';
  return {
    text:
      [renderJudged(judged, planView(workspace, session.io)), ...reading.map((line) => `\n  ${line}`)].join('\n') +
      next,
    markdown: [renderMarkdown(judged), ...reading].join('\n\n'),
    json: {
      as_of: asOf,
      plans: judged.map(({ plan, violations, overrides: reasons }) =>
        snakeKeys({ ...plan, violations, overrides: reasons }),
      ),
      bytes_read: bytesReadAsJson(bytesRead),
    },
    error,
  };
}
