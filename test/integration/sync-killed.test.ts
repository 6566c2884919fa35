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
    await db.warehouse.createTable(
      { schema: 'scoreline', name: 'lead_score' },
      db.warehouse.dialect.compile(sql`select 'k' || i as lead_id, 'p' || i || '@one.example' as email, i % 100 as score,
  case when i % 100 >= 60 then 'hot' when i % 100 >= 30 then 'warm' else 'cold' end as tier from range(${sql.lit(rows)}) r (i)`),
    );
    await db.warehouse.close();

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
    // While it looks records up, makes properties, and in the middle of the rows.
    for (const [index, lives] of [3, 35, 45, 20, 25].entries()) {
      kills.push((await attempt(`run-${index}`, lives)).result === null);
    }
    expect(kills.filter(Boolean).length).toBeGreaterThanOrEqual(4);
    const { result } = await attempt('run-last', Number.POSITIVE_INFINITY);
    expect(result).toMatchObject({ rejected: 0, deferred: 0, unmatched: 0 });
    const again = await attempt('run-again', Number.POSITIVE_INFINITY);
    expect(again.result).toMatchObject({ planned: 0, unchanged: rows });

    const contacts = await contactsOf(sandbox.url);
    expect(contacts).toHaveLength(rows);
    expect(new Set(contacts.map(({ email }) => email)).size).toBe(rows);
    expect(contacts.every(({ email, score }) => Number(/\d+/.exec(email)) % 100 === Number(score))).toBe(true);
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
