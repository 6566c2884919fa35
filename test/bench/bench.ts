// `npm run bench [-- NAMES]`: how fast the parts are, as figures and ratios beside the bars of the design. Nothing fails here:
// a busy machine is no bug, and a verdict belongs to the reader.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Cell, renderTable } from '../../src/cli/render/render-table.ts';
import { measureCeiling, measureDelivery, measureRefusals, measureSerialisation } from './delivery-bench.ts';
import { benchDiff } from './diff-bench.ts';
import { measureIncremental } from './incremental-bench.ts';
import { measureMemory, memoryLimitMiB } from './memory-bench.ts';
import { measureScoring } from './scoring-bench.ts';
import { measureStreams } from './stream-bench.ts';
import { type AdapterFigures, measureWarehouses } from './warehouses-bench.ts';

const benches = {
  start: benchStart,
  scoring: benchScoring,
  incremental: benchIncremental,
  diff: benchDiffOfRows,
  delivery: benchDelivery,
  refusals: benchRefusals,
  memory: () => benchMemory([100_000, 1_000_000]),
  warehouses: benchWarehouses,
  'memory-4m': () => benchMemory([4_000_000]),
  'memory-10m': () => benchMemory([10_000_000]),
  'memory-streams': () => benchStreams([1_000_000, 10_000_000]),
} as const;

/** Take minutes, some a quarter of an hour. */
const onlyByName = ['warehouses', 'memory-4m', 'memory-10m', 'memory-streams'];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in benches));
if (unknown.length > 0) {
  process.stderr.write(`No bench is called ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}.\n`);
  process.exit(2);
}
for (const [name, bench] of Object.entries(benches)) {
  if (wanted.length > 0 ? !wanted.includes(name) : onlyByName.includes(name)) continue;
  process.stdout.write(`\n${name}\n`);
  const { head, rows } = await bench();
  process.stdout.write(`${renderTable(head, rows)}\n`);
}

interface Figures {
  readonly head: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

async function benchStart(): Promise<Figures> {
  const program = fileURLToPath(new URL('../../src/cli/scoreline.js', import.meta.url));
  const seconds = Array.from({ length: 5 }, () => {
    const startedAt = performance.now();
    execFileSync(process.execPath, [program, '--help']);
    return (performance.now() - startedAt) / 1000;
  }).sort((a, b) => a - b);
  return { head: ['command', 'median s', 'bar s'], rows: [['--help', round(seconds[2] ?? Number.NaN), 0.5]] };
}

async function benchScoring(): Promise<Figures> {
  const { people, events, cards } = await measureScoring();
  process.stdout.write(
    `  ${events.toLocaleString('en-US')} events, ${people.toLocaleString('en-US')} people; bar: 1.2 times the SQL written by hand\n`,
  );
  return {
    head: [
      'card',
      'by hand s',
      'scores s',
      'ratio',
      'by hand with reasons s',
      'with reasons s',
      'ratio',
      'tests s',
      'swap s',
      'in all to by hand without reasons',
    ],
    rows: cards.map((card) => [
      card.card,
      round(card.byHand),
      round(card.scores),
      round(card.ratio),
      card.byHandWithReasons === null ? '' : round(card.byHandWithReasons),
      round(card.build),
      card.ratioWithReasons === null ? '' : round(card.ratioWithReasons),
      round(card.tests),
      round(card.swap),
      round(card.ratioInAll),
    ]),
  };
}

async function benchIncremental(): Promise<Figures> {
  process.stdout.write('  a build every hour over 90 days of events; bar: a few percent of a build in full\n');
  const figures = [];
  for (const people of [2_000, 20_000]) figures.push(await measureIncremental({ people }));
  return {
    head: ['people', 'events', 'kept rows', 'first s', 'full s', 'hourly s', 'full cpu s', 'hourly cpu s', 'cpu ratio'],
    rows: figures.map(({ people, events, keptRows, first, full, hourly, ratio }) => [
      people,
      events,
      keptRows,
      round(first.seconds),
      round(full.seconds),
      round(hourly.seconds),
      round(full.cpuSeconds),
      round(hourly.cpuSeconds),
      round(ratio),
    ]),
  };
}

async function benchDiffOfRows(): Promise<Figures> {
  const { rows, columns, changedRows, seconds, barSeconds, rowsPerSecond } = await benchDiff();
  return {
    head: ['rows', 'columns', 'changed', 'seconds', 'bar s', 'rows/s'],
    rows: [[rows, columns, changedRows, round(seconds), barSeconds, Math.round(rowsPerSecond)]],
  };
}

async function benchDelivery(): Promise<Figures> {
  const free = await measureDelivery();
  const serialised = await measureSerialisation();
  const limited = await measureCeiling();
  return {
    head: ['what', 'rows', 'rows/s', 'rows/s per core', 'share of the ceiling', '429s', 'bar'],
    rows: [
      ['serialising alone', null, Math.round(serialised.rowsPerSecond), null, null, null, null],
      [
        'no limit',
        free.rows,
        Math.round(free.rowsPerSecond),
        Math.round(free.rowsPerCpuSecond),
        null,
        null,
        '20,000 per core',
      ],
      [
        '190 calls in 10 s, 100 ms latency',
        limited.rows,
        Math.round(limited.rowsPerSecond),
        null,
        round(limited.shareOfCeiling),
        limited.refusals,
        '0.95 and no 429',
      ],
    ],
  };
}

async function benchRefusals(): Promise<Figures> {
  const rows = (await measureRefusals()).map(({ bad, extraCalls, bound, accepted }) => [
    bad,
    accepted,
    extraCalls,
    Math.round(bound),
  ]);
  return { head: ['bad rows among 100', 'written', 'extra calls', 'bar'], rows };
}

async function benchWarehouses(): Promise<Figures> {
  const figures: AdapterFigures[] = [];
  for await (const each of measureWarehouses()) {
    if (typeof each === 'string') process.stdout.write(`  ${each}\n`);
    else figures.push(each);
  }
  return {
    head: ['warehouse', 'what', 'count', 'adapter per s', 'bare client per s', 'adapter to bare'],
    rows: figures.map(({ warehouse, what, count, adapter, bare }) => [
      warehouse,
      what,
      count,
      Math.round(adapter),
      Math.round(bare),
      round(adapter / bare),
    ]),
  };
}

async function benchMemory(sizes: readonly number[]): Promise<Figures> {
  process.stdout.write(`  DuckDB's limit is ${memoryLimitMiB} MiB; bar: 350 MiB beside it\n`);
  const figures = [];
  for (const rows of sizes) figures.push(...(await measureMemory(rows)));
  return {
    head: ['run', 'rows', 'planned', 'seconds', 'peak MiB', 'beside the limit', 'calls', 'calls per row sent'],
    rows: figures.map(({ what, rows, planned, seconds, peakMiB, besideLimitMiB, calls }) => [
      what,
      rows,
      planned,
      round(seconds),
      peakMiB,
      besideLimitMiB,
      calls,
      planned === 0 ? null : round(calls / planned),
    ]),
  };
}

async function benchStreams(sizes: readonly number[]): Promise<Figures> {
  process.stdout.write(
    `  rows of 9 columns, in order, to a reader that pauses at each chunk; DuckDB, with a limit of ${memoryLimitMiB} MiB, is in the reader's process\n`,
  );
  const rows: Cell[][] = [];
  for (const size of sizes) {
    for await (const each of measureStreams(size)) {
      const peakMiB = Math.round(each.peakKiB / 1024);
      rows.push([
        each.warehouse,
        each.rows,
        round(each.firstChunkSeconds),
        round(each.seconds),
        Math.round(each.openKiB / 1024),
        peakMiB,
        peakMiB - each.limitMiB,
      ]);
    }
  }
  return {
    head: ['warehouse', 'rows', 'first chunk s', 'seconds', 'connected MiB', 'peak MiB', 'beside the limit'],
    rows,
  };
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
