import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import type { SyncResult } from '../../src/sync/plan-types.ts';
import { openWarehouse } from '../../src/warehouse/open-warehouse.ts';
import { openTempDuckDb } from '../support/temp-duckdb.ts';

const program = fileURLToPath(new URL('../support/sync-process.ts', import.meta.url));
const rows = 3000;

interface Attempt {
  readonly result: SyncResult | null;
  readonly stderr: string;
}

test('a process killed again and again leaves nothing undone and creates nothing twice', async () => {
  const db = await openTempDuckDb();
  let requests = 0;
  let onRequest = () => {};
  const sandbox = await startSandbox({
    settings: { limits: { burstPer10s: null, perDay: null, searchPerSecond: null } },
    onRequest: () => {
      requests += 1;
      onRequest();
    },
  });
  try {
    await db.warehouse.close();
    /** What the model says changes between the runs. @param shift added to every score */
    const score = async (shift: number) => {
      const warehouse = await openWarehouse(db.settings, { timeZone: 'UTC' });
      await warehouse.createTable(
        { schema: 'scoreline', name: 'lead_score' },
        warehouse.dialect.compile(sql`select 'k' || i as lead_id, 'p' || i || '@one.example' as email, (i + ${sql.lit(shift)}) % 100 as score,
  case when (i + ${sql.lit(shift)}) % 100 >= 60 then 'hot' when (i + ${sql.lit(shift)}) % 100 >= 30 then 'warm' else 'cold' end as tier
from range(${sql.lit(rows)}) r (i)`),
      );
      await warehouse.close();
    };

    /** @param lives requests that HubSpot gets before the process is killed in the middle of the next one */
    const attempt = async (runId: string, lives: number): Promise<Attempt> => {
      const argument = JSON.stringify({ path: db.settings.path, url: sandbox.url, token: sandbox.token, runId });
      const child = spawn(process.execPath, [program, argument], { stdio: ['ignore', 'pipe', 'pipe'] });
      const until = requests + lives;
      onRequest = () => {
        if (requests > until) child.kill('SIGKILL');
      };
      const output = { stdout: '', stderr: '' };
      child.stdout.on('data', (chunk) => {
        output.stdout += chunk;
      });
      child.stderr.on('data', (chunk) => {
        output.stderr += chunk;
      });
      const [code, signal] = await once(child, 'close');
      onRequest = () => {};
      if (signal !== 'SIGKILL' && code !== 0) throw new Error(`run ${runId} ended with ${code}: ${output.stderr}`);
      return { result: code === 0 ? (JSON.parse(output.stdout) as SyncResult) : null, stderr: output.stderr };
    };

    const kills = [];
    // While it looks records up, makes properties, in the middle of the rows, and of the members.
    for (const [index, lives] of [3, 35, 45, 20, 25, 10, 31, 55, 32].entries()) {
      await score(index);
      kills.push((await attempt(`run-${index}`, lives)).result === null);
    }
    expect(kills.filter(Boolean).length).toBeGreaterThanOrEqual(7);
    const { result } = await attempt('run-last', Number.POSITIVE_INFINITY);
    expect(result).toMatchObject({ rejected: 0, deferred: 0, unmatched: 0 });
    const again = await attempt('run-again', Number.POSITIVE_INFINITY);
    expect(again.result).toMatchObject({ planned: 0, unchanged: rows });

    const contacts = await contactsOf(sandbox.url);
    expect(contacts).toHaveLength(rows);
    expect(new Set(contacts.map(({ email }) => email)).size).toBe(rows);
    const wanted = (email: string) => (Number(/\d+/.exec(email)) + 8) % 100;
    expect(contacts.filter((contact) => wanted(contact.email) !== Number(contact.score))).toEqual([]);
    expect(await membersOf(sandbox)).toBe((rows * 40) / 100);
    const warehouse = await openWarehouse(db.settings, { timeZone: 'UTC' });
    const [counts] = await warehouse.query(
      warehouse.dialect.compile(sql`select
  (select count(*) from scoreline_state.snapshot where values_hash is not null) as accepted,
  (select count(*) from scoreline_state.memberships where own and added_at is not null) as members,
  (select count(*) from scoreline_state.runs where status = 'killed') as killed`),
    );
    expect(counts).toEqual({ accepted: rows, members: (rows * 40) / 100, killed: kills.filter(Boolean).length });
    await warehouse.close();
  } finally {
    await sandbox.close();
    await db.dispose();
  }
}, 120_000);

async function contactsOf(url: string): Promise<readonly { readonly email: string; readonly score: string }[]> {
  const answer = await fetch(`${url}/_sandbox/records?object=contacts&limit=100000`);
  const { records } = (await answer.json()) as { records: { properties: Record<string, string> }[] };
  return records.map(({ properties }) => ({ email: properties.email ?? '', score: properties.lead_score ?? '' }));
}

async function membersOf({ url, token }: { readonly url: string; readonly token: string }): Promise<number> {
  const headers = { authorization: `Bearer ${token}` };
  const named = await fetch(`${url}/crm/v3/lists/object-type-id/0-1/name/Hot%20leads`, { headers });
  const { list } = (await named.json()) as { list: { listId: string } };
  const members = await fetch(`${url}/crm/v3/lists/${list.listId}/memberships?limit=1`, { headers });
  return ((await members.json()) as { total: number }).total;
}
