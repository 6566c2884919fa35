import type { Command } from '../command.ts';
import { formatCounted } from '../render/format.ts';
import { bytesReadAsJson, bytesWarnings, renderBytesToRead } from '../render/render-bytes-read.ts';
import { renderFreshness } from '../render/render-freshness.ts';
import { snakeKeys } from '../render/snake-keys.ts';
import { wrapped } from '../render/wrapped.ts';

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
    const { models, syncs, asked, hindsight, freshness, bytesRead } = found;
    const names = asked.map((who) => ({ warehouse: 'the warehouse', hubspot: 'HubSpot' })[who]);
    const who = names.length === 0 ? 'Only the files were read.' : `Asked: ${names.join(' and ')}.`;
    const text = `No problems in ${formatCounted(models, 'model')} and ${formatCounted(syncs, 'sync')}. ${who}`;
    const past = hindsight.flatMap(({ message }) => wrapped(message));
    const notThen = ['A build for the past (`--as-of`, `backfill`) does not see these as they were then:', ...past];
    const parts = [
      text,
      ...(past.length === 0 ? [] : [notThen.join('\n')]),
      ...renderFreshness(freshness),
      ...renderBytesToRead(bytesRead),
    ];
    return {
      text: parts.join('\n\n'),
      json: {
        models,
        syncs,
        asked,
        not_point_in_time: hindsight,
        freshness: freshness.map((each) => snakeKeys(each)),
        bytes_read: bytesReadAsJson(bytesRead),
      },
      warnings: [...freshness.flatMap(({ message }) => (message === '' ? [] : [message])), ...bytesWarnings(bytesRead)],
    };
  },
};
