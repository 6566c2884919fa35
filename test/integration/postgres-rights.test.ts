import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadProject } from '../../src/project/load-project.ts';
import { openWarehouse } from '../../src/warehouse/open-warehouse.ts';
import { scoreline } from '../support/command-line.ts';
import { loadSources } from '../support/load-sources.ts';
import { smallProject, writeProject } from '../support/project-files.ts';
import { openTempDuckDb } from '../support/temp-duckdb.ts';
import { administer, makeBareRole, makeDatabase } from '../support/temp-postgres.ts';

/** The small project on PostgreSQL, as a role that got what `grants` prints and nothing else. */
let dir: string;
let adminUrl: string;
let roleUrl: string;
let env: Readonly<Record<string, string>>;
let drop: () => Promise<void>;

beforeAll(async () => {
  const made = await makeDatabase();
  drop = made.drop;
  adminUrl = made.adminUrl;
  const onFiles = writeProject(smallProject);
  const project = loadProject({ projectDir: onFiles, env: {} });
  const target = project.targets.get(project.defaultTarget);
  if (target === undefined) throw new Error('the project has no target');
  const [duckDb, postgres] = [
    await openTempDuckDb(),
    await openWarehouse({ type: 'postgres', url: adminUrl }, { timeZone: 'UTC' }),
  ];
  await loadSources(project, target, duckDb.warehouse, postgres);
  await postgres.close();
  await duckDb.dispose();

  roleUrl = (await makeBareRole(adminUrl)).url;
  env = { DATABASE_URL: roleUrl };
  const config = String(smallProject['config/scoreline.yml'])
    .replace(/ +warehouse: .*/, `    warehouse: { type: postgres, url: "\${DATABASE_URL}" }`)
    .replace(/sources: \{ app: \{ files.*/, 'sources: { app: { schema: raw_app } }');
  // Keeps sums of days in tables of their own.
  const card = `${String(smallProject['models/lead_score.yml']).replace(/ +decay: .*\n/, '')}incremental: true\n`;
  dir = writeProject({ ...smallProject, 'config/scoreline.yml': config, 'models/lead_score.yml': card });
});

afterAll(async () => {
  await drop();
});

describe('a role of PostgreSQL without rights', () => {
  test('hears from doctor what is missing, with the statements that give it', async () => {
    const { username, pathname } = new URL(roleUrl);
    const grant = `grant connect on database "${pathname.slice(1)}" to "${username}";`;
    const outside = await scoreline(dir, 'doctor --output json', { env, now: new Date() });
    expect(outside.exitCode).toBe(4);
    expect(JSON.parse(outside.out).findings.map(({ hint = '' }) => hint)).toContainEqual(
      expect.stringContaining(grant),
    );

    await administer(adminUrl, grant);
    const { exitCode, out } = await scoreline(dir, 'doctor --output json', { env, now: new Date() });
    const { findings } = JSON.parse(out);
    expect(exitCode).toBe(4);
    const refused = findings.filter(({ state }: { state: string }) => state === 'error');
    expect(refused.map(({ about }: { about: string }) => about)).toEqual(['source', 'source', 'schema', 'schema']);
    for (const { hint } of refused) expect(hint).toMatch(/grant|create schema/i);
  });

  test('works with what grants prints, and with no more', async () => {
    const { out: statements } = await scoreline(dir, 'grants', { env });
    await administer(adminUrl, statements);

    const examined = await scoreline(dir, 'doctor --output json', { env, now: new Date() });
    expect(JSON.parse(examined.out).findings.map(({ state }: { state: string }) => state)).not.toContain('error');
    expect(examined.exitCode).toBe(0);

    const first = await scoreline(dir, 'run --yes --output json', { env });
    expect([first.exitCode, JSON.parse(first.out).syncs[0]]).toMatchObject([0, { created: 4, rejected: 0 }]);
    const again = await scoreline(dir, 'run --output json', { env });
    expect([again.exitCode, JSON.parse(again.out).syncs[0]]).toMatchObject([0, { created: 0, updated: 0 }]);
    expect((await scoreline(dir, 'status', { env })).exitCode).toBe(0);

    await expect(administer(roleUrl, 'create schema more')).rejects.toThrow('permission denied');
  });

  test('builds in a schema of its own with the right that grants prints as a comment', async () => {
    const build = () => scoreline(dir, 'build --as-of 2026-01-15 --output json', { env });
    const refused = await build();
    expect([refused.exitCode, JSON.parse(refused.out).error.hint]).toMatchObject([
      4,
      expect.stringContaining('grant create on database'),
    ]);
    const { out: statements } = await scoreline(dir, 'grants', { env });
    await administer(adminUrl, statements.replace(/^-- grant /m, 'grant '));
    expect((await build()).exitCode).toBe(0);
  });
});
