import { connectHubSpot, type HubSpotConnection } from '../../src/hubspot/connect-hubspot.ts';
import type { HubSpotListener } from '../../src/hubspot/hubspot-event.ts';
import { hubSpotRecords } from '../../src/hubspot/records/records.ts';
import type { HubSpot, HubSpotRecords, RecordUpdate } from '../../src/hubspot/types.ts';
import type { Transport, WireCall } from '../../src/hubspot/wire/transport.ts';
import type { SandboxSettingsInput } from '../../src/sandbox/settings.ts';
import { spawnSandbox } from './sandbox-process.ts';

/** What delivering rows came to. */
export interface DeliveryFigures {
  readonly rows: number;
  readonly seconds: number;
  readonly rowsPerSecond: number;
  /** What one core of this process could do if nothing else were slow. */
  readonly rowsPerCpuSecond: number;
  readonly calls: number;
  readonly retries: number;
}

export interface CeilingFigures extends DeliveryFigures {
  /** Of burst × 100 rows in 10 s, over whole windows. */
  readonly shareOfCeiling: number;
  /** Answers that refused a request over the limit. */
  readonly refusals: number;
}

const batchRows = 100;
const seedRows = 10_000;

/** Rows a second without any limit, against a local HubSpot in another process. */
export async function measureDelivery(rows = 200_000): Promise<DeliveryFigures> {
  const settings = { limits: { burstPer10s: null, perDay: null }, switches: { historyKept: false, extraFields: true } };
  return withAccount(settings, { burstPer10s: 10_000_000 }, async (hubspot, ids) => {
    await deliver(hubspot, ids, 5_000);
    return measured(hubspot, rows, () => deliver(hubspot, ids, rows));
  });
}

/** The share of an account's ceiling that is reached, and the refusals on the way. */
export async function measureCeiling({
  burstPer10s = 190,
  latencyMs = 100,
  windows = 4,
} = {}): Promise<CeilingFigures> {
  const settings = { limits: { burstPer10s, perDay: null }, latencyMs };
  let refusals = 0;
  const onEvent: HubSpotListener = (event) => {
    if (event.kind === 'call' && event.status === 429) refusals += 1;
  };
  return withAccount(settings, { onEvent }, async (hubspot, ids) => {
    const rows = burstPer10s * batchRows * windows;
    // Whole windows: a run that is a window longer shows what the first `windows` of them hold.
    const endsAt = performance.now() + windows * 10_000;
    let inWindows = 0;
    const onBatch = (accepted: number) => {
      if (performance.now() <= endsAt) inWindows += accepted;
    };
    const figures = await measured(hubspot, rows, () => deliver(hubspot, ids, rows, onBatch));
    return { ...figures, shareOfCeiling: inWindows / rows, refusals };
  });
}

export interface RefusalFigures {
  readonly bad: number;
  readonly accepted: number;
  /** Beside the one that a batch without bad rows takes. */
  readonly extraCalls: number;
  /** Of design §6: about 2k(1 + log2(100/k)). */
  readonly bound: number;
}

/** What it takes to write the good rows of a batch of 100 with k bad ones, evenly spread, if HubSpot refuses it as a whole. */
export async function measureRefusals(): Promise<readonly RefusalFigures[]> {
  const settings = { limits: { burstPer10s: null, perDay: null }, switches: { tracedUpdateIsPartial: false } };
  return withAccount(settings, {}, async (hubspot, ids) => {
    const figures: RefusalFigures[] = [];
    for (const bad of [1, 2, 5, 10, 50]) {
      const records = updatesOf(ids, 0, batchRows).map((record, index) =>
        Math.floor((index * bad) / batchRows) === Math.floor(((index + 1) * bad) / batchRows)
          ? record
          : { ...record, properties: { lead_score: 'not a number' } },
      );
      const before = hubspot.usage().calls;
      const outcomes = await hubspot.records.write({ kind: 'update', object: 'contacts', records });
      const accepted = outcomes.filter(({ kind }) => kind === 'accepted').length;
      const extraCalls = hubspot.usage().calls - before - 1;
      figures.push({ bad, accepted, extraCalls, bound: 2 * bad * (1 + Math.log2(batchRows / bad)) });
    }
    return figures;
  });
}

/** Rows a second through the generated serialisers, our shaping and our matching, without a network. */
export async function measureSerialisation(rows = 200_000): Promise<{ readonly rowsPerSecond: number }> {
  const answering = {
    async send({ body, shape }: WireCall) {
      const { inputs } = JSON.parse(body ?? '') as {
        inputs: { id: string; objectWriteTraceId: string; properties: object }[];
      };
      const json = JSON.parse(
        JSON.stringify({ status: 'COMPLETE', results: inputs.map((input) => ({ ...systemFields, ...input })) }),
      );
      return { status: 200, json: shape(json) ?? {}, lostAnswers: 0 };
    },
  };
  const records = hubSpotRecords(answering as unknown as Transport, () => undefined);
  const ids = Array.from({ length: batchRows }, (_, index) => String(1000 + index));
  const send = async (batches: number) => {
    for (let batch = 0; batch < batches; batch += 1) await sendUpdates(records, ids, batch * batchRows, batchRows);
  };
  await send(50);
  const startedAt = performance.now();
  await send(rows / batchRows);
  return { rowsPerSecond: Math.round(rows / ((performance.now() - startedAt) / 1000)) };
}

const systemFields = {
  createdAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-01-01T00:00:00Z',
  archived: false,
  url: 'https://app.hubspot.com/contacts/1',
};

async function withAccount<Result>(
  settings: SandboxSettingsInput,
  connection: Pick<HubSpotConnection, 'burstPer10s' | 'onEvent'>,
  work: (hubspot: HubSpot, ids: readonly string[]) => Promise<Result>,
): Promise<Result> {
  const sandbox = await spawnSandbox(settings);
  const hubspot = connectHubSpot({
    baseUrl: sandbox.url,
    token: sandbox.token,
    apiVersion: 'v3',
    dailyReserveRatio: 0,
    ...connection,
  });
  try {
    await hubspot.account();
    const property = { label: 'x', description: '', groupName: 'contactinformation' };
    await hubspot.schema.createProperty('contacts', {
      ...property,
      name: 'lead_score',
      type: 'number',
      fieldType: 'number',
    });
    await hubspot.schema.createProperty('contacts', {
      ...property,
      name: 'lead_reasons',
      type: 'string',
      fieldType: 'textarea',
    });
    return await work(hubspot, await seed(sandbox.url));
  } finally {
    await hubspot.close();
    await sandbox.close();
  }
}

async function seed(url: string): Promise<readonly string[]> {
  const records = Array.from({ length: seedRows }, (_, index) => ({
    properties: { email: `person${index}@acme.example` },
  }));
  const response = await fetch(`${url}/_sandbox/records`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ object: 'contacts', records }),
  });
  return ((await response.json()) as { ids: string[] }).ids;
}

async function measured(hubspot: HubSpot, rows: number, work: () => Promise<void>): Promise<DeliveryFigures> {
  const before = hubspot.usage();
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  await work();
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const { calls, retries } = hubspot.usage();
  return {
    rows,
    seconds,
    rowsPerSecond: Math.round(rows / seconds),
    rowsPerCpuSecond: Math.round(rows / ((user + system) / 1e6)),
    calls: calls - before.calls,
    retries: retries - before.retries,
  };
}

/** Sends batches side by side, as many as the transport takes at once, and counts what HubSpot accepted. */
async function deliver(
  hubspot: HubSpot,
  ids: readonly string[],
  rows: number,
  onBatch?: (accepted: number) => void,
): Promise<void> {
  let next = 0;
  async function work(): Promise<void> {
    while (next < rows) {
      const size = Math.min(batchRows, rows - next);
      const from = next;
      next += size;
      await sendUpdates(hubspot.records, ids, from, size);
      onBatch?.(size);
    }
  }
  await Promise.all(Array.from({ length: 20 }, work));
}

/** @throws where a row is not accepted: figures of rows that did not arrive are worth nothing */
async function sendUpdates(records: HubSpotRecords, ids: readonly string[], from: number, size: number): Promise<void> {
  const updates = updatesOf(ids, from, size);
  const outcomes = await records.write({ kind: 'update', object: 'contacts', records: updates });
  const accepted = outcomes.filter(({ kind }) => kind === 'accepted').length;
  if (accepted < size) throw new Error(`${size - accepted} of ${size} rows were not accepted`);
}

function updatesOf(ids: readonly string[], from: number, count: number): RecordUpdate[] {
  return Array.from({ length: count }, (_, offset) => {
    const row = from + offset;
    return {
      traceId: `row-${row}`,
      recordId: ids[row % ids.length] ?? '',
      properties: { lead_score: String(row), lead_reasons: `Viewed pricing ${row % 7} times in 90 days (+30)` },
    };
  });
}
