import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { ScorelineError } from '../errors/scoreline-error.ts';
import { Account } from './account/account.ts';
import { isTimeZone } from './account/time-zone.ts';
import { type Clock, systemClock } from './clock.ts';
import { StateFile } from './file/state-file.ts';
import { sandboxApp } from './sandbox-app.ts';
import { newIdentity, SandboxCore } from './sandbox-core.ts';
import { parseSettings, type SandboxSettingsInput } from './settings.ts';
import { Pauses } from './traffic/pauses.ts';
import type { LoggedRequest } from './traffic/request-log.ts';

export interface SandboxOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  readonly host?: string;
  /** Where the account is kept from one start to the next; absent: in memory only. */
  readonly statePath?: string;
  /** Of a new account; a file keeps its own. */
  readonly portalId?: number;
  /** Accepted by a new account, drawn if absent; for a file's account it replaces its token. */
  readonly token?: string;
  readonly accountType?: string;
  /** IANA name. */
  readonly timeZone?: string;
  readonly clock?: Clock;
  readonly settings?: SandboxSettingsInput;
  /** Called once for each request to HubSpot's endpoints, before its answer is sent. */
  readonly onRequest?: (request: LoggedRequest) => void;
}

export interface Sandbox {
  /** Without a slash at the end; HubSpot's endpoints, `/_sandbox` and the page are below it. */
  readonly url: string;
  readonly port: number;
  readonly token: string;
  readonly portalId: number;
  readonly accountType: string;
  /** Breaks what is still being answered, saves, and gives port and file back. May be called twice. */
  close(): Promise<void>;
  /** Rewrites the file, if there is one. */
  save(): Promise<void>;
}

/**
 * Starts a local HubSpot.
 * @throws ScorelineError RUN_BUSY for a port or a file in use, USAGE_INVALID for wrong settings, DESTINATION_PORTAL for
 * a file of another portal than `portalId`, STATE_SANDBOX_FILE or STATE_VERSION for a file that cannot be used
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const settings = parseSettings(options.settings);
  const core = new SandboxCore(newAccount(options), settings, options.clock ?? systemClock, options.onRequest);
  if (options.statePath !== undefined) openFile(core, options.statePath, options);
  const pauses = new Pauses();
  const host = options.host ?? '127.0.0.1';
  // Left alone, the server would put its own Request and Response in place of Node's for the whole process.
  const server = createAdaptorServer({ fetch: sandboxApp(core, pauses).fetch, overrideGlobalObjects: false }) as Server;
  // Node's 5 s would cut idle connections at the moment a client takes one up again.
  server.keepAliveTimeout = 60_000;
  const open = openResponses(server);
  const port = await listen(server, options.port ?? 0, host).catch((error: unknown) => {
    core.stateFile?.close(core.account);
    throw error;
  });
  let closing: Promise<void> | undefined;
  const { portalId, accountType, token } = core.account.identity;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    token,
    portalId,
    accountType,
    save: async () => core.save(),
    close: () => {
      closing ??= closeAll(server, pauses, open, core);
      return closing;
    },
  };
}

function newAccount(options: SandboxOptions): Account {
  if (options.timeZone !== undefined && !isTimeZone(options.timeZone)) {
    throw new ScorelineError('USAGE_INVALID', `There is no time zone "${options.timeZone}".`, {
      hint: 'Use an IANA name such as Europe/Berlin.',
    });
  }
  return new Account(newIdentity(options), (options.clock ?? systemClock).now());
}

function openFile(core: SandboxCore, path: string, options: SandboxOptions): void {
  const stateFile = StateFile.open(path, core.account);
  const { identity } = core.account;
  if (options.portalId !== undefined && options.portalId !== identity.portalId) {
    stateFile.close(core.account);
    const message = `${path} keeps portal ${identity.portalId}, not ${options.portalId}.`;
    throw new ScorelineError('DESTINATION_PORTAL', message, { hint: 'Name another file, or leave the portal id out.' });
  }
  core.stateFile = stateFile;
  core.account.onChange = (change) => stateFile.append(change);
  core.changeIdentity({
    token: options.token ?? identity.token,
    timeZone: options.timeZone ?? identity.timeZone,
    accountType: options.accountType ?? identity.accountType,
  });
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(listenError(cause, port, host)));
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function listenError(cause: NodeJS.ErrnoException, port: number, host: string): ScorelineError {
  if (cause.code === 'EADDRINUSE') {
    const hint = 'Take another one with --port, or --port 0 for any that is free.';
    return new ScorelineError('RUN_BUSY', `Port ${port} on ${host} is in use.`, {
      hint,
      cause,
      details: { port, host },
    });
  }
  const hint = 'Use 127.0.0.1 and a port above 1023, or --port 0 for any that is free.';
  return new ScorelineError('USAGE_INVALID', `The sandbox cannot listen on ${host}:${port} (${cause.message}).`, {
    hint,
    cause,
  });
}

/** Answers that only wait are broken off; those being written are written. */
async function closeAll(
  server: Server,
  pauses: Pauses,
  open: ReadonlySet<ServerResponse>,
  core: SandboxCore,
): Promise<void> {
  pauses.endAll();
  const closed = once(server, 'close');
  server.close();
  await Promise.all([...open].filter((response) => response.req.complete).map((response) => once(response, 'close')));
  server.closeAllConnections();
  await closed;
  core.stateFile?.close(core.account);
}

/** @returns the answers under way at any time */
function openResponses(server: Server): ReadonlySet<ServerResponse> {
  const open = new Set<ServerResponse>();
  server.on('request', (_, response: ServerResponse) => {
    open.add(response);
    response.once('close', () => open.delete(response));
  });
  return open;
}
