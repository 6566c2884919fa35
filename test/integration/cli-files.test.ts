import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scoreline, stackTrace } from '../support/command-line.ts';
import { emptyFolder, type ProjectFiles, smallProject, writeProject } from '../support/project-files.ts';

const config = 'config/scoreline.yml';
const card = 'models/lead_score.yml';
const sync = 'syncs/leads_to_hubspot.yml';

interface Mistake {
  readonly files: ProjectFiles;
  readonly code: string;
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  readonly value?: string;
  /** In the message or the hint. */
  readonly says: readonly string[];
}

/** A file of the small project with one text replaced. */
function edited(path: string, from: string, to: string): ProjectFiles {
  const text = String(smallProject[path]);
  if (!text.includes(from)) throw new Error(`${path} does not have ${from}`);
  return { [path]: text.replace(from, to) };
}

const mistakes: Record<string, Mistake> = {
  'an unknown key': {
    files: edited(card, 'description: How', 'descripton: How'),
    code: 'CONFIG_INVALID',
    file: card,
    line: 4,
    column: 1,
    value: 'descripton',
    says: ['unknown key', 'Did you mean `description`?'],
  },
  'a wrong type': {
    files: edited(card, 'points: 30', 'points: [30]'),
    code: 'CONFIG_INVALID',
    file: card,
    line: 18,
    says: ['is a list', 'expected a number'],
  },
  'a bad duration': {
    files: edited(card, 'within: 30d', 'within: 30 days'),
    code: 'CONFIG_INVALID',
    file: card,
    line: 12,
    column: 13,
    value: '30 days',
    says: ['expected a duration such as 14d'],
  },
  'tiers out of order': {
    files: edited(card, 'at: 30', 'at: 90'),
    code: 'MODEL_INVALID',
    file: card,
    line: 30,
    value: '90',
    says: ['`warm` is at 90', 'expected the highest first'],
  },
  'a duplicate id': {
    files: edited(card, 'id: team_size', 'id: logged_in'),
    code: 'MODEL_INVALID',
    file: card,
    line: 24,
    value: 'logged_in',
    says: ['stands twice'],
  },
  'an unknown ref in YAML': {
    files: edited(card, "ref('logins')", "ref('lgins')"),
    code: 'MODEL_INVALID',
    file: card,
    line: 9,
    says: ['unknown model `lgins`', 'Did you mean `logins`?'],
  },
  'an unknown ref in SQL': {
    files: { 'sql/leads.sql': "select *\nfrom {{ ref('login') }}" },
    code: 'MODEL_INVALID',
    file: 'sql/leads.sql',
    line: 2,
    column: 9,
    value: "ref('login')",
    says: ['no model `login`', 'Did you mean `logins`?'],
  },
  'an unknown source': {
    files: { 'sql/leads.sql': "select *\nfrom {{ source('app', 'user') }}" },
    code: 'MODEL_INVALID',
    file: 'sql/leads.sql',
    line: 2,
    says: ['`app.user`', 'Did you mean `app.users`?'],
  },
  'an unknown parameter': {
    files: edited(card, "param('half_life')", "param('half_lfe')"),
    code: 'MODEL_INVALID',
    file: card,
    line: 14,
    says: ['unknown parameter `half_lfe`', 'Did you mean `half_life`?'],
  },
  'a template syntax error': {
    files: { 'sql/leads.sql': "select 1 as lead_id\nfrom {{ source('app', 'users') \n" },
    code: 'MODEL_INVALID',
    file: 'sql/leads.sql',
    line: 2,
    says: ['syntax error'],
  },
  'a YAML syntax error': {
    files: edited(card, 'range: [0, 100]', 'range: [0, 100'),
    code: 'CONFIG_INVALID',
    file: card,
    line: 6,
    says: ['not readable as YAML'],
  },
  'a cycle': {
    files: { 'sql/leads.sql': "select * from {{ ref('lead_score') }}" },
    code: 'MODEL_CYCLE',
    file: 'sql/leads.sql',
    line: 1,
    says: ['lead_score → leads → lead_score'],
  },
  'a clock': {
    files: { 'sql/leads.sql': "select * from {{ source('app', 'users') }}\nwhere now() > date '2026-01-01'" },
    code: 'MODEL_INVALID',
    file: 'sql/leads.sql',
    line: 2,
    column: 7,
    value: 'now',
    says: ['reads the clock', "param('as_of')"],
  },
  'a missing environment variable': {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how the file spells it
    files: edited(config, '{ sandbox: true }', '{ token: "${NO_SUCH_TOKEN}" }'),
    code: 'CONFIG_ENV_MISSING',
    file: config,
    line: 19,
    column: 24,
    says: ['NO_SUCH_TOKEN', 'not set', '--target'],
  },
  'a source without schema and file': {
    files: edited(config, ', logins: data/logins.csv', ''),
    code: 'CONFIG_INVALID',
    file: config,
    line: 11,
    says: ['no file for logins', 'files'],
  },
  'a second sync writing the same property': {
    files: { 'syncs/other.yml': String(smallProject[sync]).replace(/lists:.*/s, '') },
    code: 'SYNC_INVALID',
    file: 'syncs/other.yml',
    line: 7,
    value: 'lead_score',
    says: [sync, 'expected one sync for each property'],
  },
  'a key of a later version': {
    files: edited(sync, 'property_group', 'schedule: "0 6 * * *"\nproperty_group'),
    code: 'CONFIG_NOT_SUPPORTED',
    file: sync,
    line: 10,
    says: ['`schedule`', 'not supported yet'],
  },
  'a file that is not UTF-8': {
    files: { [card]: Buffer.from([0x6b, 0x69, 0x6e, 0x64, 0x3a, 0x20, 0xe9, 0xff]) },
    code: 'CONFIG_INVALID',
    file: card,
    line: 1,
    says: ['UTF-8'],
  },
  'a SQL file that is not there': {
    files: edited('models/leads.yml', 'sql/leads.sql', 'sql/lead.sql'),
    code: 'CONFIG_INVALID',
    file: 'models/leads.yml',
    line: 1,
    says: ['no file sql/lead.sql', 'Did you mean `sql/leads.sql`?'],
  },
};

describe('a project file with', () => {
  test.each(Object.entries(mistakes))('%s ends with exit 3, its place, and a way out', async (_, mistake) => {
    const { files, says, ...place } = mistake;
    const dir = writeProject({ ...smallProject, ...files });
    const { exitCode, out, err } = await scoreline(dir, 'run');
    expect(exitCode).toBe(3);
    expect(err).toContain([place.file, place.line, place.column].filter((part) => part !== undefined).join(':'));
    expect(err).toContain('next:');
    expect(err).not.toMatch(stackTrace);
    const { ok, command, run_id: runId, error } = JSON.parse(out);
    expect({ ok, command, runId }).toEqual({ ok: false, command: 'run', runId: expect.any(String) });
    expect(error.problems).toContainEqual(expect.objectContaining(place));
    for (const words of says) {
      expect(err).toContain(words);
      expect(JSON.stringify(error).replaceAll('\\"', '"')).toContain(words);
    }

    expect(existsSync(join(dir, '.scoreline'))).toBe(false);
  });

  test('the mistakes of several files shows them all at once, those inside of SQL too', async () => {
    const dir = writeProject({
      ...smallProject,
      ...edited(card, 'points: 20', 'poinst: 20'),
      'sql/leads.sql': "select * from {{ source('app', 'user') }}",
      'sql/logins.sql': "select * from {{ ref('lead_scor') }} where now() is null",
      ...edited(sync, 'column: tier', 'column: teir'),
    });
    const { out } = await scoreline(dir, 'check --offline');
    const { problems } = JSON.parse(out).error;
    const found = problems.map(({ file, value }: { file: string; value?: string }) => `${file} ${value ?? ''}`.trim());
    expect(found).toEqual([
      `${card} poinst`,
      sync,
      "sql/leads.sql source('app', 'user')",
      "sql/logins.sql ref('lead_scor')",
      'sql/logins.sql now',
    ]);
  });

  test('mistakes does not blame those who name it', async () => {
    const dir = writeProject({
      ...smallProject,
      'models/leads.yml': 'sql: [',
      'models/hot_leads.yml': 'kind: audience',
    });
    const { out } = await scoreline(dir, 'check --offline');
    const files = JSON.parse(out).error.problems.map(({ file }: { file: string }) => file);
    expect(new Set(files)).toEqual(new Set(['models/leads.yml', 'models/hot_leads.yml']));
  });
});

describe('a folder', () => {
  test.each([
    ['that is empty', () => emptyFolder(), [], 'is empty'],
    ['that is not there', () => '/no/such/folder', ['--project-dir', '/no/such/folder'], 'no such file or folder'],
  ])('%s is no project: exit 3, and init is the way out', async (_, folder, options, words) => {
    for (const command of ['run', 'plan', 'build', 'check', 'compile x', 'explain x y']) {
      const { exitCode, err, out } = await scoreline(folder(), [...command.split(' '), ...options]);
      expect(exitCode).toBe(3);
      expect(err).toContain(words);
      expect(err).toContain('scoreline init');
      if (command !== 'compile x') expect(JSON.parse(out).error.code).toBe('CONFIG_NOT_FOUND');
    }
  });

  test('with other things in it is left alone by init: exit 2', async () => {
    const dir = writeProject(smallProject);
    for (const line of [
      'init',
      'init data/users.csv',
      'init data/users.csv/below',
      'schema --out data/users.csv/below',
    ]) {
      const { exitCode, err } = await scoreline(dir, line, { terminal: true });
      expect(exitCode).toBe(2);
      expect(err).toContain('USAGE_INVALID');
      expect(err).toMatch(/not empty|is a file|Cannot write into|no folder/);
      expect(err).toMatch(/next: .*(Name a)/);
      expect(err).not.toMatch(stackTrace);
    }
  });
});
