// `npm run demo`: the whole job on made-up data. Every command is printed before it runs, so that a reader can type it too.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { demoHubSpotRecords } from '../sandbox/demo-data/demo-hubspot-records.ts';
import { demoAsOf, generateDemoData } from '../sandbox/demo-data/generate-demo-data.ts';
import { startSandbox } from '../sandbox/start-sandbox.ts';
import { openWarehouse } from '../warehouse/open-warehouse.ts';
import { formatCount } from './render/format.ts';
import { painterFor } from './render/painter.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const program = fileURLToPath(new URL('./scoreline.js', import.meta.url));
const folder = join(root, '.scoreline');
const hubspotFile = join(folder, 'demo.hubspot.json');
const paint = painterFor(process.stdout, process.env);
const asOf = ['--as-of', demoAsOf.slice(0, 10)];
const weekBefore = new Date(Date.parse(demoAsOf) - 7 * 86_400_000).toISOString().slice(0, 10);
const planFile = '.scoreline/plan.json';

const startedAt = performance.now();
say(`Making up a software company's data in .scoreline/data, and what its HubSpot holds already …`);
for (const name of ['demo.duckdb', 'demo.duckdb.wal', 'demo.hubspot.json']) rmSync(join(folder, name), { force: true });
const { counts } = await generateDemoData({ dir: join(folder, 'data') });
say(
  Object.entries(counts)
    .map(([table, rows]) => `${formatCount(rows)} ${table.replaceAll('_', ' ')}`)
    .join(', '),
);
await fillHubSpot();

step('1. Run, a week ago: build the models in DuckDB, test them, and send the scores to the local HubSpot over HTTP.');
scoreline('run', '--yes', '--as-of', weekBefore);
step('2. Plan, today: what has changed since, who moved between tiers, and why. Nothing is sent.');
scoreline('plan', '--out', planFile, ...asOf);
step('3. Apply: send exactly that.');
scoreline('apply', planFile);
step('4. Explain: why is the hottest lead hot, and what changed in the week?');
scoreline('explain', 'lead_score', await hottestLead(), ...asOf);
step('5. Run again: nothing has changed, so nothing is written.');
scoreline('run', '--yes', ...asOf);

step(`Done in ${Math.round((performance.now() - startedAt) / 1000)} s. Where to look next:`);
say(`  npm run --silent scoreline -- sandbox --state .scoreline/demo.hubspot.json    the local HubSpot, as pages in a browser
  models/lead_score.yml                                      change a number of points there, then
  npm run --silent scoreline -- diff lead_score ${asOf.join(' ')}    see who moves before anybody else does
  npm run --silent scoreline -- test                         the models' unit tests
  npm run --silent scoreline -- docs                         points, tiers and HubSpot properties, as a page for sales
  npm run --silent scoreline -- compile lead_score           the SQL that runs in the warehouse
  npm run --silent scoreline -- init my-project              a project of your own`);

async function fillHubSpot(): Promise<void> {
  const sandbox = await startSandbox({ statePath: hubspotFile });
  for (const [object, records] of Object.entries(demoHubSpotRecords())) {
    const answer = await fetch(`${sandbox.url}/_sandbox/records`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ object, records }),
    });
    if (!answer.ok) throw new Error(`The local HubSpot refused the demo's ${object}: ${await answer.text()}`);
  }
  await sandbox.close();
}

async function hottestLead(): Promise<string> {
  const warehouse = await openWarehouse(
    { type: 'duckdb', path: join(folder, 'demo.duckdb'), memoryLimit: '1GB' },
    { timeZone: 'UTC' },
  );
  const [row] = await warehouse.query({
    text: 'select lead_id from scoreline.lead_score order by score desc, lead_id limit 1',
    binds: [],
  });
  await warehouse.close();
  return String(row?.lead_id);
}

/** Prints and runs one command; a failure ends the demo with the command's exit code. */
function scoreline(...args: string[]): void {
  say(paint.dim(`$ scoreline ${args.join(' ')}`));
  const { status } = spawnSync(process.execPath, [program, ...args, '--output', 'table'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}

function step(text: string): void {
  say(`\n${paint.strong(text)}`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
