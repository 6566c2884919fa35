import { BigQuery } from '@google-cloud/bigquery';
import { type AuthClient, GoogleAuth, Impersonated, PassThroughClient } from 'google-auth-library';
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

/** Where tokens of impersonated service accounts come from; tests name their own. */
export interface ConnectOptions {
  readonly iamEndpoint?: string;
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

async function authClientOf(settings: BigQuerySettings, { iamEndpoint }: ConnectOptions): Promise<AuthClient> {
  const { keyFile, impersonate, apiEndpoint } = settings;
  // Only an emulator speaks without encryption, and no credentials go over such a line.
  if (apiEndpoint?.startsWith('http:') && impersonate === undefined && keyFile === undefined)
    return new PassThroughClient();
  try {
    // To act as somebody else takes the wider scope.
    const ownScopes = impersonate === undefined ? scopes : ['https://www.googleapis.com/auth/cloud-platform'];
    const source = await new GoogleAuth({ keyFilename: keyFile, scopes: ownScopes }).getClient();
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

/** The library's words may hold parts of a key file, so they stay in the cause. */
function noCredentials({ keyFile }: BigQuerySettings, cause: unknown): ScorelineError {
  const [message, hint] =
    keyFile === undefined
      ? [
          'There are no credentials for BigQuery.',
          'Run `gcloud auth application-default login`, set GOOGLE_APPLICATION_CREDENTIALS, or name a `key_file` in the target.',
        ]
      : [
          `The key file ${keyFile} cannot be used${isMissing(cause) ? ': there is no such file' : ''}.`,
          "Make `key_file` of the target the path of a service account's key in JSON.",
        ];
  return new ScorelineError('WAREHOUSE_UNREACHABLE', message, { hint, retryable: false, cause });
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && /ENOENT|does not exist/.test(cause.message);
}
