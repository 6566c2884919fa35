import type { Command } from '../command.ts';

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
    const who =
      found.asked.length === 0
        ? 'nobody was asked'
        : `${found.asked.join(' and ')} agree`.replace('hubspot', 'HubSpot');
    return { text: `No problems in ${found.models} models and ${found.syncs} syncs (${who}).`, json: { ...found } };
  },
};
