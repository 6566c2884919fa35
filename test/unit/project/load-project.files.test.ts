import { chmodSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadProject } from '../../../src/project/load-project.ts';
import { emptyFolder, smallProject, writeFiles, writeProject } from '../../support/project-files.ts';
import { loadError, problemLine, problemsWith } from '../../support/project-problems.ts';

describe('a folder that is no project', () => {
  test('is named, with a way out, where it is empty', () => {
    const dir = emptyFolder();
    expect(loadError(dir)).toMatchObject({
      code: 'CONFIG_NOT_FOUND',
      exitCode: 3,
      message: `There is no config/scoreline.yml in ${dir}, which is empty`,
      hint: expect.stringContaining('scoreline init'),
    });
  });

  test('is named where it does not exist', () => {
    const dir = join(emptyFolder(), 'gone');
    expect(loadError(dir)).toMatchObject({
      code: 'CONFIG_NOT_FOUND',
      message: `The folder ${dir} cannot be read: there is no such file or folder`,
    });
  });

  test('is named where it is a file', () => {
    const dir = writeProject({ file: '' });
    expect(loadError(join(dir, 'file')).message).toContain('a part of its path is a file, not a folder');
  });

  test('gets a hint where the configuration has the other ending', () => {
    const dir = writeProject({ 'config/scoreline.yml': null, 'config/scoreline.yaml': 'version: 1' });
    expect(loadError(dir)).toMatchObject({
      code: 'CONFIG_NOT_FOUND',
      hint: 'Rename config/scoreline.yaml to config/scoreline.yml.',
    });
  });
});

/** Root may read everything, so the test steps down for the time of `work`. */
function asNobody<T>(work: () => T): T {
  if (process.geteuid?.() !== 0) return work();
  process.seteuid?.('nobody');
  try {
    return work();
  } finally {
    process.seteuid?.(0);
  }
}

describe.skipIf(process.platform === 'win32')('what may not be read', () => {
  test('is the folder of the project', () => {
    const dir = writeProject(smallProject);
    chmodSync(dir, 0o000);
    const error = asNobody(() => loadError(dir));
    chmodSync(dir, 0o700);
    expect(error).toMatchObject({
      code: 'CONFIG_NOT_FOUND',
      message: `The folder ${dir} cannot be read: permission denied`,
    });
  });

  test('is a folder, the configuration, a model and a SQL file: each is a problem', () => {
    const dir = writeProject({ ...smallProject, 'models/deep/x.yml': 'sql: sql/leads.sql' });
    chmodSync(dir, 0o755);
    const hidden = ['models/deep', 'models/lead_score.yml', 'sql/leads.sql'].map((path) => join(dir, path));
    for (const path of hidden) chmodSync(path, 0o000);
    const { problems } = asNobody(() => loadError(dir));
    for (const path of hidden) chmodSync(path, 0o755);
    expect(problems.map(problemLine)).toEqual([
      'models/deep the folder cannot be read: permission denied',
      'models/lead_score.yml the file cannot be read: permission denied',
      'sql/leads.sql the file cannot be read: permission denied',
    ]);

    // A folder that lists its files but does not open them, and one that does neither.
    chmodSync(join(dir, 'sql'), 0o644);
    chmodSync(join(dir, 'models'), 0o644);
    const closed = asNobody(() => loadError(dir));
    chmodSync(join(dir, 'models'), 0o755);
    expect(closed.problems.map(problemLine)).toContain('models the folder cannot be read: permission denied');
    const withoutSql = asNobody(() => loadError(dir));
    chmodSync(join(dir, 'sql'), 0o755);
    expect(withoutSql.problems.map(problemLine)).toEqual([
      'sql/leads.sql the file cannot be read: permission denied',
      'sql/logins.sql the file cannot be read: permission denied',
    ]);

    chmodSync(join(dir, 'config'), 0o000);
    const error = asNobody(() => loadError(dir));
    chmodSync(join(dir, 'config'), 0o755);
    expect(error.problems.map(problemLine)).toEqual([
      'config/scoreline.yml the file cannot be read: permission denied',
    ]);
  });
});

describe('a file', () => {
  test('with a byte order mark reads as without', () => {
    const text = Buffer.from(`\uFEFF${smallProject['models/leads.yml']}`, 'utf8');
    expect(problemsWith({ 'models/leads.yml': text })).toEqual([]);
  });

  test('with Windows line ends reads as with others', () => {
    const files = Object.entries(smallProject).map(([path, text]) => [path, String(text).replaceAll('\n', '\r\n')]);
    expect(problemsWith(Object.fromEntries(files))).toEqual([]);
  });

  test('of bytes that are not UTF-8 is named with the line', () => {
    const bytes = Buffer.concat([Buffer.from('sql: sql/leads.sql\n# caf'), Buffer.from([0xe9]), Buffer.from('\n')]);
    expect(problemsWith({ 'models/leads.yml': bytes }).map(problemLine)).toEqual([
      'models/leads.yml:2 the file is not UTF-8 text | Save it as UTF-8.',
    ]);
  });

  test('in UTF-16 is named', () => {
    const bytes = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('sql: x', 'utf16le')]);
    expect(problemsWith({ 'sql/leads.sql': bytes }).map(problemLine)).toEqual([
      'sql/leads.sql:1 the file is UTF-16: expected UTF-8 | Save it as UTF-8.',
    ]);
  });

  test('of a model that ends in .yaml is not passed over', () => {
    expect(problemsWith({ 'models/extra.yaml': 'sql: sql/leads.sql' }).map(problemLine)).toEqual([
      'models/extra.yaml the file would not be read: expected a name that ends in .yml | Rename it.',
    ]);
  });

  test('whose stem is no name is refused', () => {
    const [problem, ...others] = problemsWith({
      'syncs/My Sync.yml': smallProject['syncs/leads_to_hubspot.yml'] ?? '',
    });
    expect(problem).toMatchObject({ file: 'syncs/My Sync.yml', message: expect.stringContaining('names the sync') });
    expect(others.every(({ code }) => code === 'SYNC_INVALID')).toBe(true);
  });

  test('with the stem of another is refused, naming both', () => {
    expect(problemsWith({ 'models/staging/leads.yml': 'sql: sql/leads.sql' }).map(problemLine)).toEqual([
      'models/staging/leads.yml models/leads.yml has the same name `leads`: expected one file of each name, whatever its folder | Rename one of them.',
    ]);
  });
});

describe('links', () => {
  test('to folders are followed, and a circle of them ends', () => {
    const dir = writeProject(smallProject);
    rmSync(join(dir, 'models'), { recursive: true });
    mkdirSync(join(dir, 'elsewhere'));
    writeFiles(
      join(dir, 'elsewhere'),
      Object.fromEntries(
        Object.entries(smallProject)
          .filter(([path]) => path.startsWith('models/'))
          .map(([path, text]) => [path.slice('models/'.length), text]),
      ),
    );
    symlinkSync(join(dir, 'elsewhere'), join(dir, 'models'));
    symlinkSync(join(dir, 'elsewhere'), join(dir, 'elsewhere/again'));
    expect(loadProject({ projectDir: dir, env: {} }).models.size).toBe(4);
  });

  test('that lead nowhere are named', () => {
    const dir = writeProject(smallProject);
    symlinkSync(join(dir, 'gone.yml'), join(dir, 'models/gone.yml'));
    expect(loadError(dir).problems.map(problemLine)).toEqual([
      'models/gone.yml the file cannot be read: there is no such file or folder',
    ]);
  });
});

describe('the SQL file of a model', () => {
  const withSql = (sql: string) => ({ 'models/leads.yml': `key: [lead_id]\nsql: ${sql}\n` });

  test('that does not exist is named at the line that names it', () => {
    expect(problemsWith(withSql('sql/lead.sql')).map(problemLine)).toEqual([
      'models/leads.yml:2:6 there is no file sql/lead.sql in the project | Did you mean `sql/leads.sql`?',
    ]);
  });

  test.each([
    ['/etc/passwd', '/etc/passwd'],
    ['../other/leads.sql', '../other/leads.sql'],
    ['sql/../../leads.sql', '../leads.sql'],
  ])('%s lies outside of the project', (sql, shown) => {
    expect(problemsWith(withSql(sql)).map(problemLine)).toEqual([
      `models/leads.yml:2:6 ${shown} lies outside of the project: expected a path such as sql/leads.sql`,
    ]);
  });

  test('that is a folder is named', () => {
    expect(problemsWith(withSql('sql')).map(problemLine)).toEqual(['sql the file cannot be read: it is a folder']);
  });

  test('that is empty is named', () => {
    expect(problemsWith({ 'sql/leads.sql': ' \n' }).map(problemLine)).toEqual([
      'sql/leads.sql:1 the file is empty: expected a SELECT',
    ]);
  });

  test('is read once for two models and complained of once', () => {
    const files = { 'sql/leads.sql': Buffer.from([0xff, 0x20]), 'models/twin.yml': 'sql: sql/leads.sql' };
    expect(problemsWith(files).map(problemLine)).toEqual([
      'sql/leads.sql:1 the file is not UTF-8 text | Save it as UTF-8.',
    ]);
  });
});
