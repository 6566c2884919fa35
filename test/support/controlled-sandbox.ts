import type { SandboxSettingsInput } from '../../src/sandbox/settings.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/start-sandbox.ts';
import type { FaultInput } from '../../src/sandbox/traffic/fault.ts';
import type { LoggedRequest } from '../../src/sandbox/traffic/request-log.ts';

export interface SandboxRecord {
  readonly id: string;
  readonly properties: Readonly<Record<string, string | null>>;
  readonly writes: number;
  readonly changes: number;
}

/** A local HubSpot with its control endpoints as functions. */
export interface ControlledSandbox extends Sandbox {
  seed(object: string, records: readonly Readonly<Record<string, string>>[]): Promise<readonly string[]>;
  addFaults(...faults: readonly FaultInput[]): Promise<void>;
  clearFaults(): Promise<void>;
  change(settings: SandboxSettingsInput): Promise<void>;
  /** Requests to HubSpot's endpoints whose path matches, in the order of arrival. */
  requests(path?: RegExp): Promise<readonly LoggedRequest[]>;
  records(object: string): Promise<readonly SandboxRecord[]>;
  advanceClock(ms: number): Promise<void>;
  merge(object: string, winner: string, loser: string): Promise<void>;
  remove(object: string, ids: readonly string[]): Promise<void>;
}

export async function controlledSandbox(options: SandboxOptions = {}): Promise<ControlledSandbox> {
  const sandbox = await startSandbox(options);
  async function control(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${sandbox.url}/_sandbox${path}`, {
      method,
      body: body === undefined ? undefined : JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`the sandbox answered ${response.status}: ${text}`);
    return JSON.parse(text);
  }
  return {
    ...sandbox,
    async seed(object, records) {
      const body = { object, records: records.map((properties) => ({ properties })) };
      return ((await control('POST', '/records', body)) as { ids: string[] }).ids;
    },
    async addFaults(...faults) {
      await control('POST', '/faults', faults);
    },
    async clearFaults() {
      await control('DELETE', '/faults');
    },
    async change(settings) {
      await control('PATCH', '/settings', settings);
    },
    async requests(path) {
      const found = (await control('GET', '/requests?limit=10000')) as { requests: LoggedRequest[] };
      const inOrder = found.requests.toSorted((a, b) => a.sequence - b.sequence);
      return inOrder.filter((request) => path === undefined || path.test(request.path));
    },
    async records(object) {
      const page = (await control('GET', `/records?object=${object}&limit=100000`)) as { records: SandboxRecord[] };
      return page.records;
    },
    async advanceClock(ms) {
      await control('POST', '/clock', { advanceMs: ms });
    },
    async merge(object, winner, loser) {
      await control('POST', '/merge', { object, winner, loser });
    },
    async remove(object, ids) {
      await control('POST', '/delete', { object, ids });
    },
  };
}
