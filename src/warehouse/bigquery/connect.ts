import { readFile } from 'node:fs/promises';
import { BigQuery } from '@google-cloud/bigquery';
import { type AuthClient, GoogleAuth, Impersonated, type JWTInput, PassThroughClient } from 'google-auth-library';
import { ScorelineError } from '../../errors/scoreline-error.ts';
import type { BigQuerySettings } from '../../project/warehouse-types.ts';

export interface Connection {
  readonly client: BigQuery;
  readonly auth: AuthClient;
}

/** Reading and writing tables, and running jobs: the narrowest scope that covers all of it. */
const scopes = ['https://www.googleapis.com/auth/bigquery'];

/** How long an impersonated token lives; the library gets a new one in time. */
const impersonatedLifeSeconds = 3600;

/** What tests put in the place of Google's. */
export interface ConnectOptions {
  /** Where tokens of impersonated service accounts come from. */
  readonly iamEndpoint?: string;
  /** The credentials found. */
  readonly source?: AuthClient;
}

/**
 * The official client with the credentials of the settings: a key file, or application default credentials (environment,
 * gcloud, the machine's own account), and as somebody else with `impersonate`. It does not retry by itself, since its
 * waiting cannot be interrupted: `BigQueryApi` does.
 * @throws WAREHOUSE_UNREACHABLE where there are no credentials
 */
export async function connect(settings: BigQuerySettings, options: ConnectOptions = {}): Promise<Connection> {
  const auth = await authClientOf(settings, options);
  const { project, location, apiEndpoint } = settings;
  const client = new BigQuery({
    projectId: project,
    location,
    authClient: auth,
    // With a slash at its end, addresses would have two.
    apiEndpoint: apiEndpoint?.replace(/\/+$/, ''),
    autoRetry: false,
    maxRetries: 0,
    userAgent: 'scoreline',
  });
  return { client, auth };
}

async function authClientOf(
  settings: BigQuerySettings,
  { iamEndpoint, source: given }: ConnectOptions,
): Promise<AuthClient> {
  const { keyFile, impersonate, apiEndpoint } = settings;
  // Only an emulator speaks without encryption: credentials that merely lie on this machine are not for it.
  if (apiEndpoint?.startsWith('http:') && impersonate === undefined && keyFile === undefined)
    return new PassThroughClient();
  try {
    // To act as somebody else takes the wider scope.
    const ownScopes = impersonate === undefined ? scopes : ['https://www.googleapis.com/auth/cloud-platform'];
    const credentials = keyFile === undefined ? undefined : await readKey(keyFile);
    const source = given ?? (await new GoogleAuth({ credentials, scopes: ownScopes }).getClient());
    if (impersonate === undefined) return source;
    return new Impersonated({
      sourceClient: source,
      targetPrincipal: impersonate,
      targetScopes: scopes,
      lifetime: impersonatedLifeSeconds,
      ...(iamEndpoint === undefined ? {} : { endpoint: iamEndpoint }),
    });
  } catch (cause) {
    throw noCredentials(settings, cause);
  }
}

/** Read here, since the library would look into the file when the first statement is sent. */
async function readKey(path: string): Promise<JWTInput> {
  const key: unknown = JSON.parse(await readFile(path, 'utf8'));
  if (typeof key === 'object' && key !== null && 'type' in key && typeof key.type === 'string') {
    return { ...key, type: key.type };
  }
  throw new TypeError('it is no key');
}

/** What went wrong with a key file may quote the key, so no cause is kept of it. */
function noCredentials({ keyFile }: BigQuerySettings, cause: unknown): ScorelineError {
  if (keyFile === undefined) {
    return new ScorelineError('WAREHOUSE_UNREACHABLE', 'There are no credentials for BigQuery.', {
      hint: 'Run `gcloud auth application-default login`, set GOOGLE_APPLICATION_CREDENTIALS, or name a `key_file` in the target.',
      retryable: false,
      cause,
    });
  }
  const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
  const why = isMissing ? 'there is no such file' : 'it is no key of a service account in JSON, or cannot be read';
  return new ScorelineError('WAREHOUSE_UNREACHABLE', `The key file ${keyFile} cannot be used: ${why}.`, {
    hint: "Make `key_file` of the target the path of a service account's key in JSON.",
    retryable: false,
  });
}
