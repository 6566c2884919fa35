import { afterEach, expect, test } from 'vitest';
import { scoreline, startScoreline } from '../support/command-line.ts';
import { type ControlledSandbox, controlledSandbox } from '../support/controlled-sandbox.ts';
import { smallProject, writeFiles, writeProject } from '../support/project-files.ts';

/** Several batches of rows and calls of members. */
const people = 1200;

let sandbox: ControlledSandbox | undefined;
afterEach(() => sandbox?.close());

/** Seats decide the score and who is on the list: each round gives everybody others. */
function users(round: number): string {
  const rows = Array.from(
    { length: people },
    (_, n) => `${n},p${n}@one.example,vp,${(n + round) % 2 === 0 ? 0 : 5000}`,
  );
  return `lead_id,email,seniority,seats\n${rows.join('\n')}\n`;
}

test('the command `run`, killed again and again while HubSpot gets its requests, is made good by the next one', async () => {
  const seen = { writes: 0, requests: 0 };
  let onRequest = () => {};
  sandbox = await controlledSandbox({
    settings: { limits: { burstPer10s: null, perDay: null }, latencyMs: 20 },
    onRequest: ({ path }) => {
      seen.requests += 1;
      if (/batch\/(create|update)|memberships\/(add|remove)/.test(path)) seen.writes += 1;
      onRequest();
    },
  });
  const env = { HUBSPOT_BASE_URL: sandbox.url, HUBSPOT_ACCESS_TOKEN: sandbox.token };
  // None of them logged in, so that seats alone make the difference.
  const logins = 'lead_id,login_at,device\n-1,2026-01-30 09:00:00,web\n';
  const dir = writeProject({ ...smallProject, 'data/users.csv': users(0), 'data/logins.csv': logins });
  const line = 'run --yes --as-of 2026-02-01 --override max_changed=test --override max_tier_moves=test';

  /** @returns whether the process died before it was done */
  async function killAt(counter: keyof typeof seen, after: number, round: number): Promise<boolean> {
    writeFiles(dir, { 'data/users.csv': users(round) });
    const { child, ended } = startScoreline(dir, line, { env });
    const until = seen[counter] + after;
    onRequest = () => {
      if (seen[counter] >= until) child.kill('SIGKILL');
    };
    const { exitCode, err } = await ended;
    onRequest = () => {};
    if (exitCode !== null && exitCode !== 0) throw new Error(`ended with ${exitCode}: ${err}`);
    return exitCode === null;
  }

  // While it looks records up, at the first batch, in the middle of the rows, and of the members.
  const deaths = [];
  deaths.push(await killAt('requests', 8, 0));
  for (const [round, after] of [1, 5, 12, 14].entries()) deaths.push(await killAt('writes', after, round));
  expect(deaths.filter(Boolean).length).toBeGreaterThanOrEqual(4);

  const round = 9;
  writeFiles(dir, { 'data/users.csv': users(round) });
  const { exitCode, out } = await scoreline(dir, line, { env });
  expect(exitCode).toBe(0);
  expect(JSON.parse(out).syncs[0]).toMatchObject({ rejected: 0, deferred: 0, unmatched: 0 });
  const writes = seen.writes;
  const again = await scoreline(dir, line, { env });
  expect(JSON.parse(again.out).syncs[0]).toMatchObject({ planned: 0, unchanged: people });
  expect(seen.writes).toBe(writes);

  const contacts = await sandbox.records('contacts');
  expect(new Set(contacts.map(({ properties }) => properties.email)).size).toBe(people);
  expect(contacts).toHaveLength(people);
  const high = contacts.filter(({ properties }) => Number(properties.lead_score) > 30);
  const isHigh = (email: string) => (Number(/\d+/.exec(email)) + round) % 2 === 1;
  expect(high).toHaveLength(people / 2);
  expect(high.filter(({ properties }) => !isHigh(properties.email ?? ''))).toEqual([]);
}, 120_000);
