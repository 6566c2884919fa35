import { hasOperations } from '../../sync/plan-types.ts';
import type { Command } from '../command.ts';
import { commandLine } from '../render/command-line.ts';
import { painterFor } from '../render/painter.ts';
import { snakeKeys } from '../render/snake-keys.ts';

export const planCommand: Command = {
  usage: 'plan [syncs..]',
  summary: 'Show what a run would send to HubSpot, and send nothing',
  positionals: {
    syncs: { describe: 'Names of syncs, tag:x or path:syncs/x', array: true, defaultDescription: 'all' },
  },
  examples: [
    ['plan', 'what every sync would change'],
    ['plan contacts --param half_life=7d', 'what another half-life would change'],
    ['plan --output json | jq .plans[0].rows', 'the numbers alone'],
  ],
  async run(args, session) {
    const [{ planSyncs }, { renderPlans }] = await Promise.all([
      import('../../operations/run-syncs.ts'),
      import('../render/render-plan.ts'),
    ]);
    const workspace = await session.workspace();
    const selectors = (args.syncs as string[] | undefined) ?? [];
    const { asOf, plans } = await planSyncs(workspace, selectors);
    const { syncs, timezone: timeZone } = workspace.project;
    const properties = new Map([...syncs.values()].map((sync) => [sync.name, sync.properties] as const));
    const isLocal = workspace.target.hubspot.kind === 'sandbox';
    const paint = painterFor(session.io.stdout, session.io.env);
    const text = renderPlans(plans, { properties, timeZone, isLocal, paint });
    const next = `To send it: ${commandLine(['run', ...selectors], session.options)}`;
    return {
      text: plans.some(hasOperations) ? `${text}\n${next}` : text,
      json: { as_of: asOf, plans: snakeKeys(plans) },
    };
  },
};
