import { once } from 'node:events';
import type { Command } from '../command.ts';
import { wholeNumber } from './whole-number.ts';

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
    const port = wholeNumber(args, 'port', 0, 65_535);
    const { startSandbox } = await import('../../sandbox/start-sandbox.ts');
    const sandbox = await startSandbox({
      port,
      ...(args.state !== undefined && { statePath: path(args.state as string) }),
      ...(args.token !== undefined && { token: args.token as string }),
    });
    const { url, token, portalId } = sandbox;
    io.stdout.write(`${JSON.stringify({ ready: true, url, port: sandbox.port, portal_id: portalId, token })}\n`);
    io.stderr.write(
      `A local HubSpot listens at ${url}: open it in a browser to look at its records. Ctrl-C stops it.\n` +
        `To send to it, in another terminal:  HUBSPOT_BASE_URL=${url} HUBSPOT_ACCESS_TOKEN=${token} scoreline run\n`,
    );
    if (!io.interruption.aborted) await once(io.interruption, 'abort');
    await sandbox.close();
    return { text: '', json: null };
  },
};
