// A process of its own: `node stream-reader.ts REQUEST`. Reads the rows of a plan through an adapter, as slowly as somebody who
// sends them on, and prints what that took as JSON.
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { sql } from 'kysely';
import type { WarehouseSettings } from '../../src/project/warehouse-types.ts';
import { openWarehouse } from '../../src/warehouse/open-warehouse.ts';

export interface StreamRequest {
  readonly settings: WarehouseSettings;
  /** What the reader does with each chunk. */
  readonly pauseMs: number;
}

export interface StreamReading {
  readonly rows: number;
  readonly firstChunkSeconds: number;
  readonly seconds: number;
  /** Resident: once it is connected, and the most that it ever was. */
  readonly openKiB: number;
  readonly peakKiB: number;
}

const { settings, pauseMs }: StreamRequest = JSON.parse(process.argv[2] ?? '');
const warehouse = await openWarehouse(settings, { timeZone: 'UTC' });
const { dialect } = warehouse;
const openKiB = residentKiB('VmRSS');
const startedAt = performance.now();
const secondsSoFar = () => (performance.now() - startedAt) / 1000;
let firstChunkSeconds = Number.NaN;
let rows = 0;
const plan = dialect.relation({ schema: 'bench', name: 'plan_rows' });
for await (const chunk of warehouse.stream(dialect.compile(sql`select * from ${plan} order by priority`))) {
  if (rows === 0) firstChunkSeconds = secondsSoFar();
  rows += chunk.length;
  await setTimeout(pauseMs);
}
const reading: StreamReading = {
  ...{ rows, firstChunkSeconds, seconds: secondsSoFar(), openKiB },
  peakKiB: residentKiB('VmHWM'),
};
await warehouse.close();
process.stdout.write(JSON.stringify(reading));

/** Of the kernel's: `resourceUsage` also counts what the parent had when it forked. */
function residentKiB(which: 'VmRSS' | 'VmHWM'): number {
  return Number(new RegExp(`${which}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
}
