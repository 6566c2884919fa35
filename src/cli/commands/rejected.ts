import type { Command } from '../command.ts';
import { painterFor } from '../render/painter.ts';
import { renderRejected } from '../render/render-rejected.ts';
import { snakeKeys } from '../render/snake-keys.ts';

export const rejectedCommand: Command = {
  usage: 'rejected [sync]',
  summary: 'List the rows that were refused, and why; --retry tries them again in the next run',
  positionals: { sync: { describe: 'Name of a sync, tag:x or path:syncs/x (default: all)' } },
  options: {
    retry: { type: 'boolean', default: false, describe: 'End the pauses, so that the next run tries all of them' },
    limit: { type: 'number', default: 20, requiresArg: true, describe: 'So many rows are listed' },
  },
  examples: [
    ['rejected', 'what HubSpot refused, and why'],
    ['rejected contacts --retry', 'try again, once the cause is mended'],
    ['rejected --limit 1000 --output json | jq -r .rows[].model_key', 'the keys alone'],
  ],
  async run(args, session) {
    const { listRejected } = await import('../../operations/list-rejected.ts');
    const retry = args.retry === true;
    const sync = args.sync as string | undefined;
    const rejected = await listRejected(await session.workspace(), { sync, limit: args.limit as number, retry });
    const { io } = session;
    return { text: renderRejected(rejected, retry, painterFor(io.stdout, io.env)), json: snakeKeys(rejected) };
  },
};
