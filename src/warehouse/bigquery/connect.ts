import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { BigQuery } from '@google-cloud/bigquery';
import {
  type AuthClient,
  Compute,
  GoogleAuth,
  Impersonated,
  JWT,
  type JWTInput,
  type JWTOptions,
  PassThroughClient,
  UserRefreshClient,
} from 'google-auth-library';
import { ScorelineError } from '../../errors/scoreline-error.ts';
import type { BigQuerySettings } from '../../project/warehouse-types.ts';

export interface Connection {
  readonly client: BigQuery;
  readonly auth: AuthClient;
  /** What was found to sign in with, in words. */
  readonly credential: string;
}

type SignIn = Omit<Connection, 'client'>;

/** Reading and writing tables, and running jobs: the narrowest scope that covers all of it. */
const scopes = ['https://www.googleapis.com/auth/bigquery'];

/** How long an impersonated token lives; the library gets a new one in time. */
const impersonatedLifeSeconds = 3600;

/** What tests put in the place of Google's. */
export interface ConnectOptions {
  /** Where tokens of impersonated service accounts come from. */
  readonly iamEndpoint?: string;
  /** Carries requests for tokens; with it, credentials are looked for whatever the address of the API is. */
  readonly fetch?: typeof fetch;
}

/**
 * The official client with the credentials of the settings: a key file, or application default credentials (environment,
 * gcloud, the machine's own account), and as somebody else with `impersonate`. It does not retry by itself, since its
 * waiting cannot be interrupted: `BigQueryApi` does.
 * @throws WAREHOUSE_UNREACHABLE where there are no credentials
 */
export async function connect(settings: BigQuerySettings, options: ConnectOptions = {}): Promise<Connection> {
  const { auth, credential } = await signInOf(settings, options);
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
  return { client, auth, credential };
}

async function signInOf(
  settings: BigQuerySettings,
  { iamEndpoint, fetch: fetchImplementation }: ConnectOptions,
): Promise<SignIn> {
  const { keyFile, impersonate, apiEndpoint } = settings;
  // Only an emulator speaks without encryption: credentials that merely lie on this machine are not for it.
  const isPlain = apiEndpoint?.startsWith('http:') && fetchImplementation === undefined;
  if (isPlain && impersonate === undefined && keyFile === undefined)
    return { auth: new PassThroughClient(), credential: 'none, since `api_endpoint` is not encrypted' };
  try {
    // To act as somebody else takes the wider scope.
    const ownScopes = impersonate === undefined ? scopes : ['https://www.googleapis.com/auth/cloud-platform'];
    const transporterOptions = fetchImplementation && { fetchImplementation };
    const source =
      keyFile === undefined
        ? await new GoogleAuth({ scopes: ownScopes, clientOptions: { transporterOptions } }).getClient()
        : await readKey(keyFile, { scopes: ownScopes, transporterOptions });
    const credential = keyFile === undefined ? defaultCredential(source) : `key file ${keyFile}`;
    if (impersonate === undefined) return { auth: source, credential };
    const auth = new Impersonated({
      sourceClient: source,
      targetPrincipal: impersonate,
      targetScopes: scopes,
      lifetime: impersonatedLifeSeconds,
      ...(iamEndpoint === undefined ? {} : { endpoint: iamEndpoint }),
    });
    return { auth, credential: `${credential}, to act as ${impersonate}` };
  } catch (cause) {
    throw noCredentials(settings, cause);
  }
}

/** Application default credentials are the first that the library finds: which, tells their kind. */
function defaultCredential(source: AuthClient): string {
  const kind =
    source instanceof JWT
      ? `, a key of ${source.email ?? 'a service account'}`
      : source instanceof UserRefreshClient
        ? ', those of a user, by gcloud'
        : source instanceof Compute
          ? ', the service account of this machine'
          : '';
  return `application default credentials${kind}`;
}

/**
 * Read here, since the library would look into the file when the first statement is sent. One type of key alone, as Google
 * asks of what takes keys from files: other types name addresses to send tokens to.
 */
async function readKey(path: string, options: JWTOptions): Promise<JWT> {
  const key: JWTInput = JSON.parse(await readFile(path, 'utf8'));
  if (key.type !== 'service_account') throw new TypeError('it is another type of credential');
  createPrivateKey(key.private_key ?? '');
  const client = new JWT(options);
  client.fromJSON(key);
  return client;
}

const credentialsVariable = 'GOOGLE_APPLICATION_CREDENTIALS';

/** What went wrong with a key file may quote the key, so no cause is kept of it. */
function noCredentials({ keyFile }: BigQuerySettings, cause: unknown): ScorelineError {
  if (keyFile === undefined && cause instanceof Error && cause.message.includes(credentialsVariable)) {
    const path = /The file at (.+) does not exist/.exec(cause.message)?.[1];
    const why = path === undefined ? 'a file that is no credential' : `${path}, which does not exist`;
    return new ScorelineError('WAREHOUSE_UNREACHABLE', `${credentialsVariable} names ${why}.`, {
      hint: `Set ${credentialsVariable} to the path of a credential in JSON, or unset it to use those of gcloud.`,
      retryable: false,
    });
  }
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
