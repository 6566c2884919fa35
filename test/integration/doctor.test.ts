import { describe, expect, onTestFinished, test } from 'vitest';
import { scoreline } from '../support/command-line.ts';
import { controlledSandbox } from '../support/controlled-sandbox.ts';
import { smallProject, writeProject } from '../support/project-files.ts';
import { type ScriptedReply, scriptedHubSpot } from '../support/scripted-hubspot.ts';

interface Finding {
  readonly about: string;
  readonly state: string;
  readonly message: string;
  readonly hint?: string;
}

async function findings(dir: string, options: Parameters<typeof scoreline>[2]) {
  const { exitCode, out } = await scoreline(dir, 'doctor --output json', options);
  const answer = JSON.parse(out) as { findings: readonly Finding[]; error: { code: string } | null };
  return { exitCode, ...answer };
}

const told = (all: readonly Finding[]) => all.map(({ about, state }) => `${about} ${state}`);

describe('doctor', () => {
  test('says part by part that a target works', async () => {
    const dir = writeProject(smallProject);
    const { exitCode, findings: all } = await findings(dir, { now: () => new Date() });
    expect(exitCode).toBe(0);
    expect(told(all)).toEqual([
      'warehouse ok',
      'clock ok',
      'schema ok',
      'schema ok',
      'hubspot ok',
      'clock ok',
      'scopes ok',
      'limits ok',
    ]);
    expect(all[0]?.message).toMatch(/^DuckDB v1\.\d+\.\d+ in .*test\.duckdb$/);

    const seen = await scoreline(dir, 'doctor', { terminal: true });
    expect(seen.out).toMatch(/^ok {4}warehouse {2}DuckDB/m);
    expect(seen.out).toContain('scoreline_state: tables can be made and dropped');
  });

  test('compares the clock of HubSpot, which answers tell, with no call for it', async () => {
    const later = () => new Date(Date.now() + 600_000).toUTCString();
    const account = { portalId: 7, accountType: 'STANDARD', timeZone: 'UTC', uiDomain: 'app.hubspot.com' };
    const answer = (path: string): ScriptedReply =>
      path.startsWith('/account-info')
        ? { headers: { date: later() }, json: account }
        : { status: 404, headers: { date: later() }, json: { status: 'error', message: 'no such path' } };
    const hubspot = await scriptedHubSpot(({ path }) => answer(path));
    onTestFinished(() => hubspot.close());
    const env = { HUBSPOT_BASE_URL: hubspot.url, HUBSPOT_ACCESS_TOKEN: 'right-token' };
    const { findings: all } = await findings(writeProject(smallProject), { env, now: () => new Date() });
    const clocks = all.filter(({ about }) => about === 'clock');
    expect(clocks.map(({ state }) => state)).toEqual(['ok', 'warning']);
    expect(clocks[1]?.message).toMatch(/^HubSpot's clock is (59\d|60\d)\.\d s ahead of this machine's$/);
    expect(clocks[1]?.hint).toContain('Set the clock of this machine');
    expect(hubspot.requests.filter(({ path }) => path.startsWith('/account-info'))).toHaveLength(1);
  });

  test('goes on behind the first trouble', async () => {
    const config = String(smallProject['config/scoreline.yml'])
      .replace('  app:\n', '  app:\n    schema: raw_app\n')
      .replace(/\n +sources: \{ app: \{ files.*\n/, '\n');
    const dir = writeProject({ ...smallProject, 'config/scoreline.yml': config });
    const sandbox = await controlledSandbox();
    onTestFinished(() => sandbox.close());
    const wrongToken = { HUBSPOT_BASE_URL: sandbox.url, HUBSPOT_ACCESS_TOKEN: 'revoked' };
    const { exitCode, findings: all, error } = await findings(dir, { env: wrongToken });
    expect(exitCode).toBe(4);
    expect(error).toMatchObject({ code: 'WAREHOUSE_REFUSED', message: '3 checks failed of 7' });
    expect(told(all)).toEqual([
      'warehouse ok',
      'clock warning',
      'source error',
      'source error',
      'schema ok',
      'schema ok',
      'hubspot error',
    ]);
    expect(all[1]?.message).toMatch(/^the warehouse's clock is \d+\.\d s ahead of this machine's$/);
    expect(all[2]).toMatchObject({ message: expect.stringContaining('users'), hint: expect.any(String) });
    expect(all[6]).toMatchObject({ message: expect.stringMatching(/token/) });
    expect(JSON.stringify(all)).not.toContain('revoked');
  });
});
