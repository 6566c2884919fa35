import { connectHubSpot } from '../../src/hubspot/connect-hubspot.ts';
import type { HubSpot } from '../../src/hubspot/types.ts';
import type { SandboxOptions } from '../../src/sandbox/start-sandbox.ts';
import type { LoggedRequest } from '../../src/sandbox/traffic/request-log.ts';
import { type ControlledSandbox, controlledSandbox } from './controlled-sandbox.ts';
import { InstantClock } from './instant-clock.ts';
import { openSyncWorld, type SyncWorld } from './sync-world.ts';

/** A sync world and a sandbox that the real client talks to over HTTP, with waits that take no time. */
export interface HttpWorld {
  readonly world: SyncWorld;
  readonly sandbox: ControlledSandbox;
  readonly hubspot: HubSpot;
  /** Another connection, with a token of its own. */
  connect(token: string, more?: { readonly membersPerCall?: number; readonly baseUrl?: string }): HubSpot;
  /** Requests that change something in HubSpot. */
  writeRequests(): Promise<readonly LoggedRequest[]>;
  /** Somebody else at work in HubSpot. */
  call(method: string, path: string, body?: unknown): Promise<unknown>;
  dispose(): Promise<void>;
}

const unlimited = { burstPer10s: null, searchPerSecond: null, perDay: null };

/** @param project whose time zone decides where a day ends */
export async function openHttpWorld(
  options: SandboxOptions = {},
  project: { readonly timeZone?: string } = {},
): Promise<HttpWorld> {
  const world = await openSyncWorld(project);
  const { settings } = options;
  const sandbox = await controlledSandbox({
    ...options,
    settings: { ...settings, limits: { ...unlimited, ...settings?.limits } },
  });
  const open: HubSpot[] = [];
  const connect: HttpWorld['connect'] = (token, more = {}) => {
    const hubspot = connectHubSpot({
      baseUrl: sandbox.url,
      token,
      apiVersion: 'v3',
      dailyReserveRatio: 0,
      burstPer10s: 10_000,
      clock: new InstantClock(),
      random: () => 0.5,
      ...more,
    });
    open.push(hubspot);
    return hubspot;
  };
  return {
    world,
    sandbox,
    hubspot: connect(sandbox.token),
    connect,
    async writeRequests() {
      const requests = await sandbox.requests();
      const asks = /batch\/read|\/search|access-token-info/;
      return requests.filter(({ method, path }) => method !== 'GET' && !asks.test(path));
    },
    async call(method, path, body) {
      const response = await fetch(sandbox.url + path, {
        method,
        body: body === undefined ? undefined : JSON.stringify(body),
        headers: { authorization: `Bearer ${sandbox.token}`, 'content-type': 'application/json' },
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      return text === '' ? undefined : JSON.parse(text);
    },
    async dispose() {
      for (const hubspot of open) await hubspot.close();
      await sandbox.close();
      await world.dispose();
    },
  };
}
