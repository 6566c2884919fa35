import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadProject } from '../../../src/project/load-project.ts';
import { smallProject, writeProject } from '../../support/project-files.ts';
import { problemLine, problemsWith } from '../../support/project-problems.ts';

const secret = 'hidden-secret';

/** The small project with another warehouse, whose tables are where they are called for. */
function configured(warehouse: string) {
  const text = String(smallProject['config/scoreline.yml'])
    .replace(/ +warehouse: .*/, `    warehouse: { ${warehouse} }`)
    .replace(/\n +sources: \{ app: \{ files.*\n/, '\n')
    .replace('  app:\n', '  app:\n    schema: raw\n');
  return { 'config/scoreline.yml': text };
}

function settings(warehouse: string) {
  const projectDir = writeProject({ ...smallProject, ...configured(warehouse) });
  const target = loadProject({ projectDir, env: { SECRET: secret } }).targets.get('test');
  return { projectDir, warehouse: target?.warehouse, hubspot: target?.hubspot };
}

function problems(warehouse: string) {
  return problemsWith(configured(warehouse), { env: { SECRET: secret } }).map(problemLine);
}

describe('warehouse settings', () => {
  test('of PostgreSQL are an address and a time limit', () => {
    const { projectDir, warehouse, hubspot } = settings(
      'type: postgres, url: "postgres://me@db/app", statement_timeout: 30m',
    );
    expect(warehouse).toEqual({ type: 'postgres', url: 'postgres://me@db/app', statementTimeoutMs: 1_800_000 });
    expect(hubspot).toEqual({ kind: 'sandbox', statePath: join(projectDir, '.scoreline/test.hubspot.json') });
  });

  test('of BigQuery have the bytes in whole numbers', () => {
    const { projectDir, warehouse } = settings(
      'type: bigquery, project: acme, location: EU, max_bytes_billed: 2TiB, key_file: secrets/key.json',
    );
    expect(warehouse).toMatchObject({
      project: 'acme',
      location: 'EU',
      maxBytesBilled: 2n * 1024n ** 4n,
      keyFile: join(projectDir, 'secrets/key.json'),
    });
    expect(settings('type: bigquery, project: acme, location: EU, max_bytes_billed: 200GB').warehouse).toMatchObject({
      maxBytesBilled: 200_000_000_000n,
    });
  });

  const snowflake = 'type: snowflake, account: a, username: U, warehouse: WH, database: DB';

  test.each([
    ['password: "${SECRET}"', { kind: 'password', password: secret }],
    ['private_key: "${SECRET}", private_key_passphrase: p', { kind: 'key_pair', key: secret, passphrase: 'p' }],
    ['token: "${SECRET}"', { kind: 'oauth', token: secret }],
    ['token: x, authenticator: programmatic_access_token', { kind: 'programmatic_access_token', token: 'x' }],
    ['authenticator: externalbrowser', { kind: 'externalbrowser' }],
  ])('of Snowflake take the credential %s', (written, credential) => {
    expect(settings(`${snowflake}, ${written}`).warehouse).toMatchObject({ credential });
  });

  const oneOf =
    'expected one of private_key, private_key_path, password and token, or `authenticator: externalbrowser`';

  test.each([
    ['type: oracle', '`targets.test.warehouse.type` is oracle: expected duckdb, postgres, bigquery or snowflake'],
    [
      'type: duckdb, path: ":memory:"',
      '`path` is ":memory:": expected the path of a file, which keeps scores and state from run to run',
    ],
    [
      'type: postgres, url: "${SECRET}"',
      '`url` cannot be used: expected an address such as postgres://user@host:5432/database',
    ],
    ['type: postgres, url: "postgres://h/d", path: x', 'unknown key `targets.test.warehouse.path`'],
    [
      'type: bigquery, project: a, location: EU, max_bytes_billed: 5',
      '`targets.test.warehouse.max_bytes_billed` is 5: expected an amount of bytes such as 200GB or 1TiB',
    ],
    ['type: bigquery, project: a', '`targets.test.warehouse.location` is missing: expected text'],
    [snowflake, `the warehouse has no credential: ${oneOf}`],
    [`${snowflake}, password: a, token: b`, `the warehouse has password and token: ${oneOf}`],
    [
      `${snowflake}, password: "\${SECRET}", private_key_passphrase: b`,
      '`private_key_passphrase` cannot be used: there is no private key that it belongs to',
    ],
  ])('%s is refused with the way out', (written, message) => {
    const lines = problems(written);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(message);
    expect(lines[0]).not.toContain(secret);
  });

  test('files belong to DuckDB', () => {
    const files = configured('type: postgres, url: "postgres://h/d"');
    const text = files['config/scoreline.yml'].replace(
      'sandbox: true }',
      'sandbox: true }\n    sources: { app: { files: { users: u.csv } } }',
    );
    const [problem] = problemsWith({ 'config/scoreline.yml': text });
    expect(problem?.message).toBe('target `test` has a file for a table: only DuckDB reads files');
  });
});
