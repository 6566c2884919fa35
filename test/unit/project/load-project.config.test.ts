// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the configuration spells its variables so
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadProject } from '../../../src/project/load-project.ts';
import type { HubSpotSettings } from '../../../src/project/types.ts';
import { emptyFolder, writeFiles, writeProject } from '../../support/project-files.ts';
import { loadError, problemLine } from '../../support/project-problems.ts';

const secret = 'pat-eu1-0000-secret';

/** A project of a configuration alone; `target` is what stands in the target `test`. */
function configured(parts: { readonly target?: string; readonly top?: string; readonly targets?: string }): string {
  const { target = 'hubspot: { sandbox: true }', top = '', targets = '' } = parts;
  return writeProject({
    'config/scoreline.yml': `version: 1
project: x
${top}
targets:
  test:
    warehouse: { type: duckdb, path: data/x.duckdb }
    ${target}
${targets}`,
  });
}

function hubspot(settings: string, env: Readonly<Record<string, string>> = {}): HubSpotSettings | undefined {
  const projectDir = configured({ target: `hubspot: ${settings}` });
  return loadProject({ projectDir, env }).targets.get('test')?.hubspot;
}

const lines = (projectDir: string, options: Parameters<typeof loadError>[1] = {}) =>
  loadError(projectDir, options).problems.map(problemLine);

describe('the environment', () => {
  test('stands in for ${NAME} anywhere in a text', () => {
    const projectDir = configured({
      target: 'hubspot: { token: "${PART_ONE}-${PART_2}", portal_id: "${PORTAL}" }\n    schema: s_${USER_NAME}',
    });
    const env = { PART_ONE: 'pat', PART_2: 'x', PORTAL: '123456', USER_NAME: 'ann' };
    expect(loadProject({ projectDir, env }).targets.get('test')).toMatchObject({
      schema: 's_ann',
      hubspot: { token: 'pat-x', portalId: 123456 },
    });
  });

  test('may choose the target', () => {
    const targets = '  other: { warehouse: { type: duckdb, path: o.duckdb }, hubspot: { token: "${T}" } }\n';
    const projectDir = configured({ targets, top: 'default_target: "${TARGET}"' });
    expect(loadProject({ projectDir, env: { TARGET: 'test' } }).defaultTarget).toBe('test');
    expect(lines(projectDir, { env: { TARGET: 'other' } })).toEqual([
      'config/scoreline.yml:8:76 `targets.other.hubspot.token` reads the environment variable T, which is not set',
    ]);
    expect(lines(projectDir, { env: { TARGET: 'tset' } })).toEqual([
      'config/scoreline.yml:3:18 unknown target "${TARGET}" | Did you mean `test`?',
    ]);
    expect(lines(projectDir)).toEqual([
      'config/scoreline.yml:3:18 `default_target` reads the environment variable TARGET, which is not set',
    ]);
  });

  test('that lacks a variable is named with its place', () => {
    const projectDir = configured({
      target: 'hubspot: { token: "${HUBSPOT_ACCESS_TOKEN}" }',
      top: 'timezone: "${ZONE}"',
    });
    const { code, problems } = loadError(projectDir);
    expect(code).toBe('CONFIG_ENV_MISSING');
    expect(problems).toEqual([
      {
        code: 'CONFIG_ENV_MISSING',
        file: 'config/scoreline.yml',
        line: 3,
        column: 12,
        value: '${ZONE}',
        message: '`timezone` reads the environment variable ZONE, which is not set',
      },
      expect.objectContaining({ line: 7, code: 'CONFIG_ENV_MISSING', value: '${HUBSPOT_ACCESS_TOKEN}' }),
    ]);
  });

  test('matters to the selected target alone', () => {
    const targets = `
  prod:
    warehouse: { type: duckdb, path: prod.duckdb, threads: "\${THREADS}", memory_limit: "\${MEMORY}" }
    hubspot: { token: "\${HUBSPOT_ACCESS_TOKEN}", portal_id: "\${PORTAL}" }
`;
    const projectDir = configured({ targets, top: 'default_target: test' });
    expect([...loadProject({ projectDir, env: {} }).targets.keys()]).toEqual(['test']);
    expect(lines(projectDir, { targetName: 'prod' })).toHaveLength(4);
    const env = { THREADS: '2', MEMORY: '2GB', HUBSPOT_ACCESS_TOKEN: secret, PORTAL: '7' };
    const project = loadProject({ projectDir, env, targetName: 'prod' });
    expect(project.targets.get('prod')).toMatchObject({
      warehouse: { threads: 2, memoryLimit: '2GB' },
      hubspot: { kind: 'account', token: secret, portalId: 7 },
    });
  });

  test('does not excuse other mistakes in a target that is not selected', () => {
    const targets = '  prod: { warehouse: { type: duckdb, path: "${A}" }, hubspot: { token: "${B}", tokn: x } }\n';
    expect(lines(configured({ targets, top: 'default_target: test' }))).toEqual([
      'config/scoreline.yml:8:80 unknown key `targets.prod.hubspot.tokn` | Did you mean `token`?',
    ]);
  });

  test.each(['${A-B}', '${A:-default}', '${}', '${1A}', '${OPEN'])('is not read by %s', (written) => {
    const [line] = lines(configured({ top: `timezone: "${written}"` }), { env: { A: 'UTC', OPEN: 'UTC' } });
    expect(line).toContain('`timezone`: expected ${NAME} with the name of an environment variable');
  });

  test('has no inherited variables', () => {
    expect(lines(configured({ top: 'timezone: "${constructor}"' }))[0]).toContain('constructor, which is not set');
  });

  test('is not put into models', () => {
    const projectDir = configured({});
    writeFiles(projectDir, {
      'models/a.yml': 'sql: sql/a.sql\ndescription: costs ${MONEY}',
      'sql/a.sql': 'select 1 as a',
    });
    expect(loadProject({ projectDir, env: {} }).models.get('a')?.description).toBe('costs ${MONEY}');
  });
});

describe('secrets', () => {
  test.each([
    [`{ token: ${secret}, portal_id: ${secret} x }`, {}],
    [`{ token: [${secret}] }`, {}],
    [`{ token: { a: ${secret} } }`, {}],
    [
      `{ token: "\${T}", portal_id: "\${T}", burst_per_10s: "\${T}", api_version: "\${T}", daily_reserve: "\${T}" }`,
      { T: secret },
    ],
    [`{ token: "\${T:-${secret}}" }`, {}],
    [`{ token: "a${secret}\${MISSING}" }`, {}],
    [`{ token: ${secret}, token: ${secret} }`, {}],
    [`{ token: ${secret}`, {}],
    [`${secret}`, {}],
    [`{ token: ${secret}, sandbx: true }`, {}],
  ])('stand in no message: %s', (settings, env) => {
    const error = loadError(configured({ target: `hubspot: ${settings}` }), { env });
    expect(error.problems.length).toBeGreaterThan(0);
    expect(JSON.stringify(error.problems)).not.toContain('secret');
    expect(error.message).not.toContain('secret');
  });
});

describe('HubSpot', () => {
  test('is a sandbox beside the DuckDB file', () => {
    const settings = hubspot('{ sandbox: true }');
    expect(settings).toEqual({ kind: 'sandbox', statePath: expect.stringMatching(/\/data\/x\.hubspot\.json$/) });
  });

  test('is an account with defaults', () => {
    expect(hubspot(`{ token: ${secret} }`)).toEqual({
      kind: 'account',
      token: secret,
      baseUrl: 'https://api.hubapi.com',
      membersPerCall: 10_000,
      dailyReserveRatio: 0.2,
      apiVersion: 'v3',
    });
  });

  test('takes its limits from the file', () => {
    expect(
      hubspot(
        `{ token: x, portal_id: 9, burst_per_10s: 190, members_per_call: 500, daily_reserve: 5%, api_version: 2026-09 }`,
      ),
    ).toMatchObject({
      portalId: 9,
      burstPer10s: 190,
      membersPerCall: 500,
      dailyReserveRatio: 0.05,
      apiVersion: '2026-09',
    });
  });

  test('needs a token or a sandbox', () => {
    expect(lines(configured({ target: 'hubspot: { portal_id: 1 }' }))).toEqual([
      'config/scoreline.yml:7:14 `hubspot` has no `token`: expected one, or `sandbox: true`',
    ]);
    expect(lines(configured({ target: 'hubspot: { sandbox: false }' }))).toHaveLength(1);
    expect(lines(configured({ target: 'hubspot: { token: "${T}" }' }), { env: { T: '' } })).toEqual([
      'config/scoreline.yml:7:24 `targets.test.hubspot.token` is wrong: expected an access token that is not empty',
    ]);
  });
});

describe('HUBSPOT_BASE_URL', () => {
  const HUBSPOT_BASE_URL = 'http://127.0.0.1:8080/';

  test('replaces the address', () => {
    expect(hubspot(`{ token: ${secret} }`, { HUBSPOT_BASE_URL })).toMatchObject({
      kind: 'account',
      token: secret,
      baseUrl: 'http://127.0.0.1:8080',
    });
  });

  test('switches a sandbox off, with the token of the environment', () => {
    expect(hubspot('{ sandbox: true }', { HUBSPOT_BASE_URL, HUBSPOT_ACCESS_TOKEN: secret })).toMatchObject({
      kind: 'account',
      token: secret,
    });
  });

  test('prefers a token that stands in the file', () => {
    const env = { HUBSPOT_BASE_URL, HUBSPOT_ACCESS_TOKEN: 'other' };
    expect(hubspot(`{ sandbox: true, token: ${secret} }`, env)).toMatchObject({ token: secret });
  });

  test('names the variable that is missing', () => {
    const { code, problems } = loadError(configured({}), { env: { HUBSPOT_BASE_URL } });
    expect(code).toBe('CONFIG_ENV_MISSING');
    expect(problems.map(problemLine)).toEqual([
      'config/scoreline.yml:7:14 HUBSPOT_BASE_URL is set, so an account takes the place of the sandbox, and its token is missing | Set HUBSPOT_ACCESS_TOKEN, or unset HUBSPOT_BASE_URL.',
    ]);
  });

  test('is nothing where it is empty', () => {
    expect(hubspot('{ sandbox: true }', { HUBSPOT_BASE_URL: '' })?.kind).toBe('sandbox');
  });

  test.each(['localhost:8080', 'ftp://x', 'nonsense'])('refuses %s without repeating it', (address) => {
    const [line] = lines(configured({}), { env: { HUBSPOT_BASE_URL: address, HUBSPOT_ACCESS_TOKEN: 'x' } });
    expect(line).toContain('HUBSPOT_BASE_URL is no address');
    expect(line).not.toContain(address);
  });

  test('does not ask for the token of a target that is not selected', () => {
    const targets = '  other: { warehouse: { type: duckdb, path: o.duckdb }, hubspot: { sandbox: true } }\n';
    const projectDir = configured({ target: 'hubspot: { token: x }', targets, top: 'default_target: test' });
    expect([...loadProject({ projectDir, env: { HUBSPOT_BASE_URL } }).targets.keys()]).toEqual(['test']);
  });
});

describe('targets', () => {
  const two = '  other: { warehouse: { type: duckdb, path: o.duckdb }, hubspot: { sandbox: true } }\n';

  test('need no default where there is one', () => {
    expect(loadProject({ projectDir: configured({}), env: {} }).defaultTarget).toBe('test');
  });

  test('need one where there are several', () => {
    expect(lines(configured({ targets: two }))).toEqual([
      'config/scoreline.yml:1:1 `default_target` is missing: expected one of test, other | Or name a target with --target.',
    ]);
    expect(loadProject({ projectDir: configured({ targets: two }), env: {}, targetName: 'other' }).targets.size).toBe(
      2,
    );
  });

  test('that the default misspells are suggested', () => {
    expect(lines(configured({ top: 'default_target: tset' }))).toEqual([
      'config/scoreline.yml:3:17 unknown target tset | Did you mean `test`?',
    ]);
  });

  test('that the command line misspells are a wrong command line', () => {
    expect(loadError(configured({}), { targetName: 'tets' })).toMatchObject({
      code: 'USAGE_INVALID',
      exitCode: 2,
      message: 'The project has no target `tets`',
      hint: 'Did you mean `test`?',
    });
  });

  test.each([':memory:', 'md:cloud', 's3://bucket/x.duckdb'])('keep no database in %s', (path) => {
    const projectDir = writeProject({
      'config/scoreline.yml': `version: 1\nproject: x\ntargets: { t: { warehouse: { type: duckdb, path: "${path}" }, hubspot: { sandbox: true } } }`,
    });
    expect(lines(projectDir)[0]).toContain(`\`path\` is "${path}": expected the path of a file`);
  });

  test('keep an absolute path', () => {
    const path = join(emptyFolder(), 'x.db');
    const projectDir = writeProject({
      'config/scoreline.yml': `version: 1\nproject: x\ntargets: { t: { warehouse: { type: duckdb, path: "${path}" }, hubspot: { sandbox: true } } }`,
    });
    const target = loadProject({ projectDir, env: {} }).targets.get('t');
    expect(target).toMatchObject({
      warehouse: { path },
      hubspot: { statePath: path.replace('x.db', 'x.hubspot.json') },
    });
  });
});

describe('sources', () => {
  const sources =
    'sources: { app: { tables: { users: {}, logins: { identifier: "log ins" } } }, web: { schema: ga4, database: d, tables: { events: } } }';

  test('come with schema, database and names, and targets change them', () => {
    const target = `hubspot: { sandbox: true }
    sources: { app: { schema: prod_app, database: p, files: { users: "s3://bucket/*.parquet" } } }`;
    const project = loadProject({ projectDir: configured({ top: sources, target }), env: {} });
    expect(project.sources.get('web')).toMatchObject({ schema: 'ga4', database: 'd' });
    expect(project.sources.get('app')?.tables.get('logins')?.identifier).toBe('log ins');
    expect(project.targets.get('test')?.sources.get('app')).toEqual({
      schema: 'prod_app',
      database: 'p',
      files: new Map([['users', 's3://bucket/*.parquet']]),
    });
  });

  test('need a schema or files for all of their tables in the selected target', () => {
    const target = 'hubspot: { sandbox: true }\n    sources: { app: { files: { users: users.csv } } }';
    expect(lines(configured({ top: sources, target }))).toEqual([
      'config/scoreline.yml:3:12 source `app` has no `schema`, and target `test` has no file for logins | Give the source a `schema`, or the target `sources: { app: { files: { logins: … } } }`.',
    ]);
  });

  test('that a target misspells are suggested, and so are their tables', () => {
    const target = 'hubspot: { sandbox: true }\n    sources: { web: { files: { event: x.csv } }, wbe: {} }';
    const projectDir = configured({ top: 'sources: { web: { schema: s, tables: { events: {} } } }', target });
    expect(lines(projectDir)).toEqual([
      'config/scoreline.yml:8:32 source `web` has no table `event` | Did you mean `events`?',
      'config/scoreline.yml:8:50 unknown source `wbe` | Did you mean `web`?',
    ]);
  });
});

describe('time zones', () => {
  test.each(['UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires', 'Asia/Calcutta', 'Etc/GMT+5'])(
    '%s is one',
    (zone) => {
      expect(loadProject({ projectDir: configured({ top: `timezone: ${zone}` }), env: {} }).timezone).toBe(zone);
    },
  );

  test.each(['+02:00', 'CET', 'europe/berlin', 'Berlin', 'Europe/Atlantis'])('%s is none', (zone) => {
    expect(lines(configured({ top: `timezone: "${zone}"` }))[0]).toContain(`unknown time zone "${zone}"`);
  });

  test('that are misspelt are suggested', () => {
    expect(lines(configured({ top: 'timezone: Europe/Berln' }))[0]).toContain('Did you mean `Europe/Berlin`?');
  });
});

describe('entities', () => {
  test('may belong to others that exist', () => {
    const top =
      'entities: { lead: { relation: a.b, key: id, belongs_to: { account: acc } }, account: { relation: a.c, key: id } }';
    const { entities } = loadProject({ projectDir: configured({ top }), env: {} });
    expect(entities.get('lead')?.belongsTo).toEqual({ account: { kind: 'column', column: 'acc' } });
  });

  test('may belong to several of another by a bridge, and have aliases', () => {
    const top =
      'entities: { lead: { relation: a.b, key: id, belongs_to: { account: { via: a.m, weight: share } }, aliases: { relation: a.v, id: vid } }, account: { relation: a.c, key: id } }';
    const { entities } = loadProject({ projectDir: configured({ top }), env: {} });
    expect(entities.get('lead')).toMatchObject({
      belongsTo: { account: { kind: 'bridge', via: 'a.m', weight: 'share' } },
      aliases: { relation: 'a.v', id: 'vid', on: 'vid' },
    });
  });

  test.each([
    ['belongs_to: { account: { weight: share } }', '`entities.lead.belongs_to.account.via` is missing'],
    ['belongs_to: { account: 3 }', 'expected the name of a column, or { via:'],
    ['aliases: { relation: a.v }', '`entities.lead.aliases.id` is missing'],
  ])('with %s are refused', (text, message) => {
    const top = `entities: { lead: { relation: a.b, key: id, ${text} }, account: { relation: a.c, key: id } }`;
    expect(lines(configured({ top }))).toEqual([expect.stringContaining(message)]);
  });

  test('may not belong to unknown ones or to themselves', () => {
    const top =
      'entities: { lead: { relation: a.b, key: id, belongs_to: { acount: x, lead: y } }, account: { relation: a.c, key: id } }';
    expect(lines(configured({ top }))).toEqual([
      'config/scoreline.yml:3:59 unknown entity `acount` | Did you mean `account`?',
      'config/scoreline.yml:3:70 entity `lead` belongs to itself',
    ]);
  });

  test('of unknown relations are refused', () => {
    const top = `entities: { a: { relation: "{{ ref('leds') }}", key: id }, b: { relation: "{{ source('app', 'users') }}", key: id } }`;
    expect(lines(configured({ top }))).toEqual([
      'config/scoreline.yml:3:29 unknown model `leds` | There are none yet.',
      'config/scoreline.yml:3:76 unknown source `app` | There are none yet.',
    ]);
  });
});

test('`as_of` is reserved among parameters', () => {
  const target = 'hubspot: { sandbox: true }\n    params: { as_of: 2026-01-01 }';
  expect(lines(configured({ top: 'params: { as_of: 2026-01-01 }', target }))).toEqual([
    'config/scoreline.yml:3:11 `as_of` is reserved: it is the instant of the run | Use --as-of to set it.',
    'config/scoreline.yml:8:15 `as_of` is reserved: it is the instant of the run | Use --as-of to set it.',
  ]);
});

describe('the reasons of all cards', () => {
  const reasons = (text: string, templates = '') => {
    const projectDir = configured({ top: `reasons: ${text}` });
    writeFiles(projectDir, { 'reasons/german.yml': templates });
    return projectDir;
  };

  test('come from the file that `templates` names, but for what is written beside it', () => {
    const distinct = { one: '{label}: {count}', many: '{label}: {count}' };
    const events = { one: '{label} einmal', many: '{label} {count}-mal' };
    const file = `events: ${JSON.stringify(events)}\ndistinct: "{label}: {count}"\n`;
    const of = (text: string) => loadProject({ projectDir: reasons(text, file), env: {} }).reasons;
    expect(of('{ templates: reasons/german.yml, max_length: 80 }')).toEqual({ events, distinct, maxLength: 80 });
    const label = { one: '{label}', many: '{label}' };
    // Who writes nothing of distinct values means them, too.
    expect(of('{ templates: reasons/german.yml, events: "{label}" }')).toEqual({ events: label, distinct: label });
    expect(of('{ templates: reasons/german.yml, distinct: "{label}" }')).toEqual({ events, distinct: label });
  });

  test('are checked', () => {
    const error = loadError(reasons('{ templates: reasons/english.yml, distinct: "{cuont}" }'));
    expect(error.problems.map((problem) => [problem.code, problemLine(problem)])).toEqual([
      ['CONFIG_INVALID', expect.stringContaining('3:23 there is no file reasons/english.yml in the project')],
      ['CONFIG_INVALID', expect.stringContaining('3:55 nothing stands for `{cuont}` in this reason')],
    ]);
  });
});
