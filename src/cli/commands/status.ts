import type { Command } from '../command.ts';
import { painterFor } from '../render/painter.ts';
import { renderStatus } from '../render/render-status.ts';
import { snakeKeys } from '../render/snake-keys.ts';

export const statusCommand: Command = {
  usage: 'status',
  summary:
    'Show the last runs and what they cost, how fresh sources and scores are, and what is refused, deferred or held',
  options: {
    runs: { type: 'number', default: 5, requiresArg: true, describe: 'So many of the last runs are shown' },
  },
  examples: [
    ['status', 'did it run last night, and is anything left to do?'],
    ['status --output json | jq .syncs', 'the same for a monitor'],
  ],
  async run(args, session) {
    const { readStatus } = await import('../../operations/read-status.ts');
    const { freshnessError, ...status } = await readStatus(await session.workspace(), args.runs as number);
    const { io } = session;
    const [problem] = freshnessError?.problems ?? [];
    const reason = problem === undefined ? freshnessError?.message : `${problem.file}: ${problem.message}`;
    return {
      text: renderStatus(status, painterFor(io.stdout, io.env), io.now()),
      json: snakeKeys(status),
      warnings: reason === undefined ? [] : [`How fresh the sources are cannot be measured: ${reason}`],
    };
  },
};
