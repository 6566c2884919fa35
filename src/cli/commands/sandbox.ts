import { once } from 'node:events';
import { ScorelineError } from '../../errors/scoreline-error.ts';
import type { Command } from '../command.ts';

export const sandboxCommand: Command = {
  usage: 'sandbox',
  summary: 'Start a local HubSpot to try things on',
  pipeGets: 'text',
  options: {
    port: { type: 'number', default: 0, requiresArg: true, describe: 'Port to listen on; 0 picks a free one' },
    state: { type: 'string', requiresArg: true, describe: 'File to keep its records in (default: in memory alone)' },
    token: { type: 'string', requiresArg: true, describe: 'Access token it accepts (default: made up)' },
  },
  examples: [
    ['sandbox --port 4010', 'a HubSpot at http://127.0.0.1:4010, with a page to look at'],
    ['sandbox --state .scoreline/demo.hubspot.json', 'look at what a run with an in-job sandbox has written'],
  ],
  async run(args, { io, path }) {
    const { startSandbox } = await import('../../sandbox/start-sandbox.ts');
    const port = args.port as number;
    if (!Number.isInteger(port) || port < 0 || port > 65_535) {
      throw new ScorelineError('USAGE_INVALID', `--port must be a whole number from 0 to 65535, not ${port}`);
    }
    const sandbox = await startSandbox({
      port,
      ...(args.state !== undefined && { statePath: path(args.state as string) }),
      ...(args.token !== undefined && { token: args.token as string }),
    });
    const { url, token, portalId } = sandbox;
    io.stdout.write(`${JSON.stringify({ ready: true, url, port: sandbox.port, portal_id: portalId, token })}\n`);
    io.stderr.write(`A local HubSpot listens at ${url} (open it in a browser); stop it with Ctrl-C.\n`);
    if (!io.interruption.aborted) await once(io.interruption, 'abort');
    await sandbox.close();
    return { text: '', json: {} };
  },
};
