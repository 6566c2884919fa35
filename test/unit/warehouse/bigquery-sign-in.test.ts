import { generateKeyPairSync, verify } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ScorelineError } from '../../../src/errors/scoreline-error.ts';
import type { BigQuerySettings } from '../../../src/project/warehouse-types.ts';
import { openBigQuery } from '../../../src/warehouse/bigquery/warehouse.ts';
import { FakeBigQuery, type RecordedRequest, type Responder } from '../../support/fake-bigquery.ts';
import { emptyFolder } from '../../support/project-files.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
const robot = 'robot@acme.iam.gserviceaccount.com';
const keyOfRobot = { type: 'service_account', client_email: robot, private_key_id: 'k1', private_key: pem };
const keyOfUser = { type: 'authorized_user', client_id: 'c', client_secret: 'hush-hush', refresh_token: 'very-secret' };
const tokenAddress = 'https://oauth2.googleapis.com/token';

const opened: { close(): Promise<void> }[] = [];
beforeEach(() => {
  // None of what this machine may have: no file, no gcloud, no account of its own.
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', undefined);
  vi.stubEnv('HOME', emptyFolder());
  vi.stubEnv('METADATA_SERVER_DETECTION', 'none');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const each of opened.splice(0)) await each.close();
});

/** A BigQuery that also gives tokens, in the place of Google's own addresses. */
async function open(respond: Responder, more: Partial<BigQuerySettings>) {
  const fake = await FakeBigQuery.start(respond);
  opened.push({ close: () => fake.stop() });
  const toFake: typeof fetch = (address, init) =>
    fetch(String(address).replace(tokenAddress, `${fake.url}/token`), init);
  const world = { iamEndpoint: fake.url, fetch: toFake };
  const warehouse = await openBigQuery(fake.settings(more), { timeZone: 'UTC' }, world);
  opened.push(warehouse);
  const asked = fake.requests;
  return {
    warehouse,
    forTokens: () => asked.filter(({ path }) => path === '/token'),
    forJobs: () => asked.filter(({ path }) => path.startsWith('/bigquery/')),
    asked,
  };
}

function fileOf(content: object | string): string {
  const path = join(emptyFolder(), 'key.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

/** Numbered, as they are given out. */
function givingTokens(seconds = 3600): Responder {
  let tokens = 0;
  return ({ path }) => {
    if (path !== '/token') return undefined;
    tokens += 1;
    return { json: { access_token: `token ${tokens}`, expires_in: seconds, token_type: 'Bearer' } };
  };
}

/** What the request for a token claims, if the robot's key has signed it. */
function claimsOf(request: RecordedRequest | undefined) {
  const assertion = new URLSearchParams(request?.text).get('assertion') ?? '';
  const [header = '', payload = '', signature = ''] = assertion.split('.');
  const isSigned = verify(
    'sha256',
    Buffer.from(`${header}.${payload}`),
    publicKey,
    Buffer.from(signature, 'base64url'),
  );
  expect(isSigned).toBe(true);
  return JSON.parse(Buffer.from(payload, 'base64url').toString());
}

async function refusal(work: Promise<unknown>): Promise<ScorelineError> {
  const error: unknown = await work.then(
    () => expect.unreachable('it was accepted'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ScorelineError)) throw error;
  expect(inspect(error, { depth: 9 })).not.toMatch(/very-secret|hush-hush|BEGIN PRIVATE KEY/);
  return error;
}

const one = { text: 'select 1 as n', binds: [] };

describe('a key file', () => {
  test('signs for a token that every request then carries', async () => {
    const { warehouse, forTokens, forJobs } = await open(givingTokens(), { keyFile: fileOf(keyOfRobot) });
    await warehouse.query(one);
    await warehouse.query(one);
    const [request, ...more] = forTokens();
    expect(more).toEqual([]);
    const now = Date.now() / 1000;
    expect(claimsOf(request)).toEqual({
      iss: robot,
      aud: tokenAddress,
      scope: 'https://www.googleapis.com/auth/bigquery',
      iat: expect.closeTo(now, -2),
      exp: expect.closeTo(now + 3600, -2),
    });
    expect(new Set(forJobs().map(({ authorization }) => authorization))).toEqual(new Set(['Bearer token 1']));
  });

  test('gets a new token where the old one is about to end', async () => {
    const { warehouse, forJobs } = await open(givingTokens(60), { keyFile: fileOf(keyOfRobot) });
    await warehouse.query(one);
    await warehouse.query(one);
    expect(new Set(forJobs().map(({ authorization }) => authorization)).size).toBeGreaterThan(1);
  });

  test('that was deleted or disabled is refused, with what to look at', async () => {
    const refusing: Responder = ({ path }) =>
      path === '/token'
        ? { status: 400, json: { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' } }
        : undefined;
    const { warehouse, forJobs } = await open(refusing, { keyFile: fileOf(keyOfRobot) });
    const error = await refusal(warehouse.query(one));
    expect(error).toMatchObject({ code: 'WAREHOUSE_UNREACHABLE', exitCode: 4, retryable: false });
    expect(error.message).toContain('invalid_grant: Invalid JWT Signature');
    expect(error.hint).toMatch(/`key_file` of the target: the key may have been deleted or expired/);
    expect(forJobs()).toEqual([]);
  });

  test('is named to whoever asks what was found', async () => {
    const keyFile = fileOf(keyOfRobot);
    const { warehouse } = await open(givingTokens(), { keyFile });
    expect((await warehouse.whoAmI()).credential).toBe(`key file ${keyFile}`);
  });

  test.for([
    ['no file at all', '/no/such/key.json', /\/no\/such\/key\.json cannot be used: there is no such file/],
    ['half a file', fileOf('{"private_key": "very-secret'), /key\.json cannot be used: it is no key/],
    ['a file of something else', fileOf('["very-secret"]'), /key\.json cannot be used: it is no key/],
    ['another type of credential', fileOf(keyOfUser), /key\.json cannot be used: it is no key/],
    [
      'a key without an account',
      fileOf({ ...keyOfRobot, client_email: undefined }),
      /key\.json cannot be used: it is no/,
    ],
    [
      'a key that is no PEM',
      fileOf({ ...keyOfRobot, private_key: 'very-secret' }),
      /key\.json cannot be used: it is no/,
    ],
  ] as const)('that is %s is refused before anybody is asked', async ([, keyFile, message]) => {
    const error = await refusal(open(givingTokens(), { keyFile }).then(({ warehouse }) => warehouse.query(one)));
    expect(error).toMatchObject({ code: 'WAREHOUSE_UNREACHABLE', retryable: false });
    expect(error.message).toMatch(message);
  });
});

describe('application default credentials', () => {
  test('that are nowhere say how to make them', async () => {
    const error = await refusal(open(givingTokens(), {}));
    expect(error).toMatchObject({ code: 'WAREHOUSE_UNREACHABLE', retryable: false });
    expect(error.message).toBe('There are no credentials for BigQuery.');
    expect(error.hint).toContain('gcloud auth application-default login');
  });

  test.for([
    ['that is not there', '/no/such/adc.json', /names \/no\/such\/adc\.json, which does not exist/],
    ['that is no JSON', fileOf('very-secret'), /names a file that is no credential/],
  ] as const)('of a file %s name the variable', async ([, path, message]) => {
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', path);
    const error = await refusal(open(givingTokens(), {}));
    expect(error).toMatchObject({ code: 'WAREHOUSE_UNREACHABLE', retryable: false });
    expect(error.message).toMatch(message);
    expect(error.hint).toContain('GOOGLE_APPLICATION_CREDENTIALS');
  });

  test.for([
    ['a service account', keyOfRobot, `, a key of ${robot}`],
    ['a user', keyOfUser, ', those of a user, by gcloud'],
  ] as const)('of %s sign in, and are told of', async ([, content, words]) => {
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', fileOf(content));
    const { warehouse, forJobs } = await open(givingTokens(), {});
    expect((await warehouse.whoAmI()).credential).toBe(`application default credentials${words}`);
    expect(forJobs()[0]?.authorization).toBe('Bearer token 1');
  });

  test('of a user who has to sign in again say so', async () => {
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', fileOf(keyOfUser));
    const revoked: Responder = ({ path }) =>
      path === '/token'
        ? { status: 400, json: { error: 'invalid_grant', error_description: 'Token has been expired or revoked.' } }
        : undefined;
    const { warehouse } = await open(revoked, {});
    const error = await refusal(warehouse.query(one));
    expect(error).toMatchObject({ code: 'WAREHOUSE_UNREACHABLE', retryable: false });
    expect(error.message).toContain('BigQuery does not accept the credentials: invalid_grant');
    expect(error.hint).toContain('gcloud auth application-default login');
  });
});

describe('acting as another account', () => {
  const target = 'scorer@acme.iam.gserviceaccount.com';
  const borrowing: (answer: () => ReturnType<Responder>) => Responder = (answer) => {
    const tokens = givingTokens();
    return (request, count) => (request.path.endsWith(':generateAccessToken') ? answer() : tokens(request, count));
  };

  test('is asked for with the credentials found, and every request carries what comes back', async () => {
    const lent = { json: { accessToken: 'borrowed', expireTime: '2099-01-01T00:00:00Z' } };
    const keyFile = fileOf(keyOfRobot);
    const { warehouse, forTokens, forJobs, asked } = await open(
      borrowing(() => lent),
      { keyFile, impersonate: target },
    );
    await warehouse.query(one);
    expect(claimsOf(forTokens()[0]).scope).toBe('https://www.googleapis.com/auth/cloud-platform');
    const request = asked.find(({ path }) => path.endsWith(`/${target}:generateAccessToken`));
    expect(request?.authorization).toBe('Bearer token 1');
    expect(JSON.parse(request?.text ?? '')).toMatchObject({ scope: ['https://www.googleapis.com/auth/bigquery'] });
    expect(new Set(forJobs().map(({ authorization }) => authorization))).toEqual(new Set(['Bearer borrowed']));
    expect((await warehouse.whoAmI()).credential).toBe(`key file ${keyFile}, to act as ${target}`);
  });

  test('that is not allowed says which role is missing', async () => {
    const message = "Permission 'iam.serviceAccounts.getAccessToken' denied on resource";
    const { warehouse } = await open(
      borrowing(() => ({ status: 403, json: { error: { code: 403, message, status: 'PERMISSION_DENIED' } } })),
      { keyFile: fileOf(keyOfRobot), impersonate: target },
    );
    const error = await refusal(warehouse.query(one));
    expect(error).toMatchObject({ code: 'WAREHOUSE_UNREACHABLE' });
    expect(error.hint).toContain('roles/iam.serviceAccountTokenCreator');
  });
});
