import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { openWarehouse } from '../../src/warehouse/open-warehouse.ts';
import { fakeIo } from '../support/fake-io.ts';

const data = fileURLToPath(new URL('../../../shared/data/relax_usage', import.meta.url));
const isThere = existsSync(join(data, 'users.csv'));

/** Computed elsewhere, over the same users and login days: the sum of all scores, and how many stand at the cap. */
const expected = [
  ['usage_half_life', 32472.84659, 44],
  ['usage_linear', 42367.5, 199],
  ['usage_steps', 50142.5, 323],
  ['usage_recent', 42225, 206],
] as const;

describe.skipIf(!isThere)(`real login days${isThere ? '' : ` (skipped: there is no ${data})`}`, () => {
  let folder: string;

  async function scoreline(...args: string[]) {
    const io = fakeIo({ cwd: folder, env: { RELAX_DATA: data } });
    const exitCode = await runProgram([...args, '--as-of', '2014-05-01'], io);
    return { exitCode, out: JSON.parse(io.out()), err: io.err() };
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'scoreline-relax-'));
    await cp(fileURLToPath(new URL('../fixtures/relax', import.meta.url)), folder, { recursive: true });
    const { exitCode, out, err } = await scoreline('run', '--yes');
    expect(err).not.toContain('error');
    expect(exitCode).toBe(0);
    for (const sync of out.syncs) expect(sync).toMatchObject({ rejected: 0, deferred: 0, unmatched: 0 });
  }, 120_000);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  test.each(expected)('gives the published totals of %s', async (model, total, atCap) => {
    const warehouse = await openWarehouse(
      { type: 'duckdb', path: join(folder, '.scoreline/relax.duckdb'), memoryLimit: '1GB' },
      { timeZone: 'UTC' },
    );
    const [row] = await warehouse.query({
      text: `select sum(score) as total, count(*) filter (where score = 100) as at_cap from scoreline.${model}`,
      binds: [],
    });
    await warehouse.close();
    // The published sums are of unrounded scores; ours are rounded to 6 decimals, each of thousands.
    expect(Math.abs(Number(row?.total) - total)).toBeLessThan(0.0002);
    expect(row?.at_cap).toBe(atCap);
  });

  test('holds in HubSpot, for every user, what the warehouse says', async () => {
    const warehouse = await openWarehouse(
      { type: 'duckdb', path: join(folder, '.scoreline/relax.duckdb'), memoryLimit: '1GB' },
      { timeZone: 'UTC' },
    );
    const rows = await warehouse.query({
      text: `select u.email, h.score as half_life, l.score as linear, s.score as steps, w.score as recent
from scoreline.users u join scoreline.usage_half_life h using (user_id) join scoreline.usage_linear l using (user_id)
join scoreline.usage_steps s using (user_id) join scoreline.usage_recent w using (user_id)`,
      binds: [],
    });
    await warehouse.close();
    const contacts = await readContacts();
    expect(contacts.size).toBe(rows.length);
    for (const row of rows) {
      const contact = contacts.get(String(row.email));
      const held = ['half_life', 'linear', 'steps', 'recent'].map((name) => Number(contact?.[`usage_${name}`]));
      expect(held).toEqual(['half_life', 'linear', 'steps', 'recent'].map((name) => Number(row[name])));
    }
  });

  test('sends nothing the second time', async () => {
    const { exitCode, out } = await scoreline('run', '--yes');
    expect(exitCode).toBe(0);
    for (const sync of out.syncs) expect(sync).toMatchObject({ planned: 0, created: 0, updated: 0 });
  });

  async function readContacts(): Promise<Map<string, Record<string, string>>> {
    const sandbox = await startSandbox({ statePath: join(folder, '.scoreline/relax.hubspot.json') });
    const contacts = new Map<string, Record<string, string>>();
    try {
      let after: string | undefined;
      do {
        const url = `${sandbox.url}/_sandbox/records?object=contacts&limit=1000${after ? `&after=${after}` : ''}`;
        const page = (await (await fetch(url)).json()) as {
          records: { properties: Record<string, string> }[];
          after?: string;
        };
        for (const { properties } of page.records) contacts.set(String(properties.email), properties);
        after = page.after;
      } while (after !== undefined);
    } finally {
      await sandbox.close();
    }
    return contacts;
  }
});
