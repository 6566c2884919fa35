import type { Command } from '../command.ts';
import { painterFor } from '../render/painter.ts';
import { renderPlans } from '../render/render-plan.ts';

export const planCommand: Command = {
  usage: 'plan [syncs..]',
  summary: 'Show what a run would send to HubSpot, and send nothing',
  positionals: { syncs: { describe: 'Names of syncs, tag:x or path:syncs/x (default: all)', array: true } },
  examples: [
    ['plan', 'what every sync would change'],
    ['plan contacts --param half_life=7d', 'what another half-life would change'],
    ['plan --output json | jq .plans[0].rows', 'the numbers alone'],
  ],
  async run(args, session) {
    const { planSyncs } = await import('../../operations/run-syncs.ts');
    const { asOf, plans } = await planSyncs(await session.workspace(), (args.syncs as string[] | undefined) ?? []);
    return { text: renderPlans(plans, painterFor(session.io.stdout, session.io.env)), json: { as_of: asOf, plans } };
  },
};
