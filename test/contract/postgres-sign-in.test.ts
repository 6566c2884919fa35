import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { ScorelineError } from '../../src/errors/scoreline-error.ts';
import { openWarehouse } from '../../src/warehouse/open-warehouse.ts';
import { postgresServer, postgresServerWithTls } from '../support/postgres-server.ts';
import { emptyFolder } from '../support/project-files.ts';
import { administer } from '../support/temp-postgres.ts';

/** As the server's certificate calls it. */
const named = 'localhost';
/** The same server, as its certificate does not call it. */
const unnamed = '127.0.0.1';
const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url));

/** Roles with the rules of `rulesOfTls`; `postgres` may come in either way. */
const roles = ['tls_only', 'plain_only', 'holder', 'keeper'];
const password = 'hunter2: \\ and all';
let serverUrl: string;

beforeAll(async () => {
  serverUrl = (await postgresServerWithTls()).url;
  const made = roles.map((role) => `create role ${role} login password '${password}'`).join('; ');
  await administer(serverUrl, `drop role if exists ${roles.join(', ')}; ${made}`);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

interface Address {
  readonly host?: string;
  readonly role?: string;
  readonly parameters?: Readonly<Record<string, string>>;
}

function addressOf(base: string, { host, role, parameters = {} }: Address): string {
  const url = new URL(base);
  if (host !== undefined) url.hostname = host;
  if (role !== undefined) url.username = role;
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.toString();
}

/** @returns what `doctor` says of the connection, which has run a query then */
async function signIn(url: string) {
  const warehouse = await openWarehouse({ type: 'postgres', url }, { timeZone: 'UTC' });
  try {
    const { server, credential } = await warehouse.whoAmI();
    return { isSecret: server.endsWith('over TLS'), credential };
  } finally {
    await warehouse.close();
  }
}

async function refusal(url: string): Promise<ScorelineError> {
  const error: unknown = await signIn(url).then(
    () => expect.unreachable('it was let in'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ScorelineError)) throw error;
  expect(error).toMatchObject({ code: 'WAREHOUSE_UNREACHABLE', exitCode: 4, retryable: false });
  return error;
}

const trusting = { sslrootcert: fixture('ca.crt') };
const trustingOthers = { sslrootcert: fixture('other-ca.crt') };

describe('a PostgreSQL with a certificate', () => {
  test.for<readonly [string, Address, isSecret: boolean]>([
    ['is reached over TLS where nothing is said', {}, true],
    ['is reached without TLS where it is switched off', { parameters: { sslmode: 'disable' } }, false],
    ['is reached without TLS where it is only allowed', { parameters: { sslmode: 'allow' } }, false],
    [
      'is reached over TLS where that is allowed and it insists',
      { role: 'tls_only', parameters: { sslmode: 'allow' } },
      true,
    ],
    ['is reached over TLS where that is preferred', { parameters: { sslmode: 'prefer' } }, true],
    [
      'is reached without TLS where that is preferred and it declines',
      { role: 'plain_only', parameters: { sslmode: 'prefer' } },
      false,
    ],
    ['needs no authority where secrecy alone is required', { host: unnamed, parameters: { sslmode: 'require' } }, true],
    [
      'may have any name where its authority is checked',
      { host: unnamed, parameters: { sslmode: 'verify-ca', ...trusting } },
      true,
    ],
    [
      'is checked where secrecy is required and an authority named',
      { host: unnamed, parameters: { sslmode: 'require', ...trusting } },
      true,
    ],
    [
      'is reached where authority and name are right',
      { host: named, parameters: { sslmode: 'verify-full', ...trusting } },
      true,
    ],
  ])('%s', async ([, address, isSecret]) => {
    expect(await signIn(addressOf(serverUrl, address))).toMatchObject({ isSecret });
  });

  test.for<readonly [string, Address, hint: string]>([
    ['of another authority', { host: named, parameters: { sslmode: 'verify-full', ...trustingOthers } }, 'sslrootcert'],
    [
      'of another authority, the name aside',
      { parameters: { sslmode: 'verify-ca', ...trustingOthers } },
      'sslrootcert',
    ],
    [
      'of another authority than the one named',
      { parameters: { sslmode: 'require', ...trustingOthers } },
      'sslrootcert',
    ],
    ['of an authority that nobody knows', { host: named, parameters: { sslmode: 'verify-full' } }, 'sslrootcert'],
    [
      'of an authority that the machine does not know',
      { host: named, parameters: { sslrootcert: 'system' } },
      'sslrootcert',
    ],
    [
      'for another host',
      { host: unnamed, parameters: { sslmode: 'verify-full', ...trusting } },
      'as the certificate has it',
    ],
  ])('is not trusted with one %s', async ([, address, hint]) => {
    expect((await refusal(addressOf(serverUrl, address))).hint).toContain(hint);
  });

  test.for<readonly [string, Address, words: string, hint: string]>([
    [
      'TLS is switched off and it insists',
      { role: 'tls_only', parameters: { sslmode: 'disable' } },
      'no encryption',
      '`?sslmode=require`',
    ],
    [
      'TLS is required and it declines',
      { role: 'plain_only', parameters: { sslmode: 'require' } },
      'SSL encryption',
      'pg_hba.conf',
    ],
    [
      'the file of authorities is not there',
      { parameters: { sslmode: 'verify-ca', sslrootcert: '/no/certificate.crt' } },
      '/no/certificate.crt',
      '`sslrootcert`',
    ],
    [
      'the file of authorities is something else',
      { parameters: { sslmode: 'verify-ca', sslrootcert: fixture('../state-version-1.sql') } },
      'PEM',
      '`sslrootcert`',
    ],
    [
      'the key is not that of the certificate',
      { parameters: { sslcert: fixture('client.crt'), sslkey: fixture('server.key') } },
      'key',
      '`sslkey`',
    ],
    [
      'any authority of the machine would do but no name is checked',
      { parameters: { sslmode: 'require', sslrootcert: 'system' } },
      'verify-full',
      'sslmode=verify-full',
    ],
  ])('says what to do where %s', async ([, address, words, hint]) => {
    const error = await refusal(addressOf(serverUrl, address));
    expect(error.message).toContain(words);
    expect(error.hint).toContain(hint);
  });

  test('lets in who has a certificate for the role, and says so', async () => {
    const parameters = { sslmode: 'verify-full', ...trusting };
    const own = { sslcert: fixture('client.crt'), sslkey: fixture('client.key') };
    const holder = addressOf(serverUrl, { host: named, role: 'holder', parameters: { ...parameters, ...own } });
    expect(await signIn(holder)).toEqual({ isSecret: true, credential: 'certificate of `sslcert`' });
    const without = await refusal(addressOf(serverUrl, { host: named, role: 'holder', parameters }));
    expect(without.message).toContain('certificate');
    expect(without.hint).toContain('`sslcert`');
  });
});

describe('a PostgreSQL without a certificate', () => {
  test.for(['prefer', 'allow', 'disable'])('is reached with sslmode=%s', async (sslmode) => {
    const { url } = await postgresServer();
    expect(await signIn(addressOf(url, { parameters: { sslmode } }))).toMatchObject({ isSecret: false });
  });

  test.for(['require', 'verify-ca', 'verify-full'])('is refused with sslmode=%s', async (sslmode) => {
    const { url } = await postgresServer();
    expect((await refusal(addressOf(url, { parameters: { sslmode } }))).hint).toContain('The server has no TLS');
  });
});

describe('a password', () => {
  const asKeeper = () => addressOf(serverUrl, { role: 'keeper' });

  test('comes from the address, from PGPASSWORD, or from the password file, and it says which', async () => {
    const { port } = new URL(serverUrl);
    const inAddress = new URL(asKeeper());
    inAddress.password = encodeURIComponent(password);
    expect(await signIn(inAddress.toString())).toMatchObject({ credential: 'password of the address' });

    vi.stubEnv('PGPASSFILE', passwordFile(`# ours\nelsewhere:*:*:*:wrong\n*:${port}:*:keeper:${inFile(password)}\n`));
    expect(await signIn(asKeeper())).toMatchObject({ credential: 'password file' });
    vi.stubEnv('PGPASSWORD', 'wrong, and it comes first');
    expect((await refusal(asKeeper())).hint).toContain('PGPASSWORD');
    vi.stubEnv('PGPASSWORD', password);
    expect(await signIn(asKeeper())).toMatchObject({ credential: 'PGPASSWORD' });
  });

  test.for<readonly [string, () => string]>([
    ['that is not there', () => join(emptyFolder(), 'nothing')],
    ['for somebody else', () => passwordFile('*:*:*:somebody_else:x\n')],
    ['that others may read', () => passwordFile(`*:*:*:keeper:${inFile(password)}\n`, 0o644)],
  ])('is asked for where it would be in a file %s', async ([, path]) => {
    vi.stubEnv('PGPASSFILE', path());
    const { message, hint } = await refusal(asKeeper());
    expect(hint).toContain('Give a password');
    expect(hint).toContain('chmod 600');
    expect(message + hint).not.toContain('hunter2');
  });

  test('that is wrong is not repeated', async () => {
    const url = new URL(asKeeper());
    url.password = 'hunter3';
    const { message, hint } = await refusal(url.toString());
    expect(hint).toContain('Correct user and password');
    expect(message + hint).not.toContain('hunter3');
  });
});

function passwordFile(lines: string, mode = 0o600): string {
  const path = join(emptyFolder(), 'pgpass');
  writeFileSync(path, lines);
  chmodSync(path, mode);
  return path;
}

/** With the signs that part the fields. */
function inFile(text: string): string {
  return text.replaceAll(/[\\:]/g, '\\$&');
}
