import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadProject } from '../../src/project/load-project.ts';
import { demoAsOf } from '../../src/sandbox/demo-data/generate-demo-data.ts';
import { type BuiltProject, buildProject } from '../support/build-project.ts';
import { emptyFolder } from '../support/project-files.ts';

const template = join(import.meta.dirname, '../../src/operations/init-template');
let dir: string;
let built: BuiltProject;

beforeAll(async () => {
  dir = emptyFolder();
  cpSync(template, dir, { recursive: true });
  built = await buildProject(dir, demoAsOf.slice(0, 10));
});

afterAll(() => built?.warehouse.close());

const textOf = (path: string) => readFileSync(join(dir, path), 'utf8');

describe('the starter project', () => {
  it('builds at once, with hot leads among a few hundred rows', () => {
    expect(built.rows.get('leads')).toBeGreaterThan(100);
    expect(built.rows.get('lead_score')).toBe(built.rows.get('leads'));
    expect(built.rows.get('hot_leads')).toBeGreaterThan(0);
  });

  it('explains a hot lead in its README', async () => {
    const id = /explain lead_score (\S+)/.exec(textOf('README.md'))?.[1];
    expect(await built.query(`select tier from scoreline.lead_score where lead_id = '${id}'`)).toEqual([
      { tier: 'hot' },
    ]);
  });

  it('uses all kinds of rules, and every one of them gives or takes points', async () => {
    const rules = loadProject({ projectDir: dir, env: {} }).models.get('lead_score');
    if (rules?.kind !== 'scorecard') throw new Error('lead_score is no scorecard');
    expect(new Set(rules.rules.map((rule) => rule.kind))).toEqual(
      new Set(['attribute', 'numeric', 'event', 'absence']),
    );
    for (const { id } of rules.rules) {
      const [row] = await built.query(`select count(*) as leads from scoreline.lead_score where points__${id} <> 0`);
      expect(Number(row?.leads), id).toBeGreaterThan(0);
    }
  });

  it('takes a HubSpot account from the environment without an edit', () => {
    const names = [...textOf('.env.example').matchAll(/^([A-Z_]+)=/gm)].map(([, name = '']) => name);
    const env = { [names[0] ?? '']: 'pat-made-up', [names[1] ?? '']: '4711' };
    const project = loadProject({ projectDir: dir, env, targetName: 'live' });
    expect(project.targets.get('live')?.hubspot).toMatchObject({
      kind: 'account',
      token: 'pat-made-up',
      portalId: 4711,
    });
  });

  it('keeps out of git what is made and what is secret, under a name that npm packs', () => {
    expect(readdirSync(template)).not.toContain('.gitignore');
    expect(textOf('gitignore').split('\n')).toEqual(expect.arrayContaining(['.scoreline/', '.env']));
  });

  it('points editors at the schemas that init writes', () => {
    for (const [folder, kind] of [
      ['config', 'project'],
      ['models', 'model'],
      ['syncs', 'sync'],
    ] as const) {
      for (const name of readdirSync(join(dir, folder))) {
        const schema = relative(folder, `.scoreline/schemas/${kind}.schema.json`);
        expect(textOf(join(folder, name))).toMatch(new RegExp(`^# yaml-language-server: \\$schema=${schema}\n`));
      }
    }
  });

  it('says what each SELECT yields', () => {
    for (const name of readdirSync(join(dir, 'sql'))) expect(textOf(join('sql', name))).toMatch(/^-- One row per /);
  });
});
