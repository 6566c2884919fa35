import type { Command } from '../command.ts';
import { formatCounted } from '../render/format.ts';

export const checkCommand: Command = {
  usage: 'check',
  summary: 'Find every mistake in the project; build and write nothing',
  options: {
    offline: { type: 'boolean', default: false, describe: 'Read the files alone; ask neither warehouse nor HubSpot' },
  },
  examples: [
    ['check', 'files, SQL as the warehouse sees it, and properties as HubSpot has them'],
    ['check --offline', 'the files alone, as before a commit'],
  ],
  async run(args, session) {
    const { checkProject } = await import('../../operations/check-project.ts');
    const found = await checkProject(await session.workspace(), { offline: args.offline === true });
    const { models, syncs, asked } = found;
    const names = asked.map((who) => ({ warehouse: 'the warehouse', hubspot: 'HubSpot' })[who]);
    const who = names.length === 0 ? 'Only the files were read.' : `Asked: ${names.join(' and ')}.`;
    const text = `No problems in ${formatCounted(models, 'model')} and ${formatCounted(syncs, 'sync')}. ${who}`;
    return { text, json: { ...found } };
  },
};
