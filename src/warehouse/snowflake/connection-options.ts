import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'snowflake-sdk';
import { ScorelineError } from '../../errors/scoreline-error.ts';
import type { SnowflakeCredential, SnowflakeSettings } from '../../project/warehouse-types.ts';
import type { OpenOptions } from '../port.ts';

/**
 * The driver tries a request a thousand times, and a login for five minutes, before it gives up. A refused connection
 * comes back in about ten seconds like this; one that is lost in mid-query in about a minute.
 */
const retries = { sfRetryMaxLoginRetries: 3, sfRetryMaxNumRetries: 7, sfRetryMaxSleepTime: 16 };

/** How the driver is to connect. Throws WAREHOUSE_UNREACHABLE for a key that cannot be read, and for a browser without a person. */
export async function connectionOptions(
  settings: SnowflakeSettings,
  { isAttended = false }: Pick<OpenOptions, 'isAttended'>,
): Promise<ConnectionOptions> {
  const { account, username, role, warehouse, database, host } = settings;
  return {
    account,
    username,
    role,
    warehouse,
    database,
    ...(host === undefined ? {} : { accessUrl: host.includes('://') ? host : `https://${host}` }),
    application: 'Scoreline',
    // A sync may wait longer for HubSpot than the four hours for which a session is kept.
    clientSessionKeepAlive: true,
    // Rows that the driver makes ready ahead of who reads them, and parts of a result that it loads ahead.
    rowStreamHighWaterMark: 1000,
    resultPrefetch: 1,
    // A null that is fetched as text stays null.
    representNullAsStringNull: false,
    // Bulks are cut to stay below it: beyond, the driver would write them to files in a stage.
    arrayBindingThreshold: 2 ** 31,
    ...retries,
    ...(await authentication(settings.credential, isAttended)),
  };
}

async function authentication(
  credential: SnowflakeCredential,
  isAttended: boolean,
): Promise<Partial<ConnectionOptions>> {
  switch (credential.kind) {
    case 'key_pair':
      return keyPair(credential.key, credential.passphrase, '`private_key`');
    case 'key_file':
      return keyPair(await keyText(credential.path), credential.passphrase, credential.path);
    case 'password':
      return { password: credential.password };
    case 'oauth':
      return { authenticator: 'OAUTH', token: credential.token };
    case 'programmatic_access_token':
      return { authenticator: 'PROGRAMMATIC_ACCESS_TOKEN', token: credential.token };
    case 'externalbrowser':
      if (!isAttended) {
        throw refused('`authenticator: externalbrowser` needs a person at a terminal, and there is none.', {
          hint: 'Give a schedule a key pair (`private_key_path`), an OAuth token or a programmatic access token.',
        });
      }
      // Else each session would ask the person again.
      return { authenticator: 'EXTERNALBROWSER', clientStoreTemporaryCredential: true };
    default:
      throw new TypeError(
        `No such credential: ${JSON.stringify((credential satisfies never as { kind: string }).kind)}`,
      );
  }
}

async function keyText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw refused(`The private key ${path} cannot be read: ${reason}.`, {
      hint: 'Check `private_key_path` of the target, and that this user may read the file.',
      cause,
    });
  }
}

/** The driver takes PKCS#8 without a passphrase; OpenSSL's reader takes the other forms too, and says what is wrong. */
function keyPair(text: string, passphrase: string | undefined, place: string): Partial<ConnectionOptions> {
  try {
    // A variable of the environment often has its line ends written as \n.
    const key = createPrivateKey({ key: text.replaceAll('\\n', '\n'), passphrase });
    return { authenticator: 'SNOWFLAKE_JWT', privateKey: String(key.export({ type: 'pkcs8', format: 'pem' })) };
  } catch (cause) {
    const isLocked = passphrase === undefined && /ENCRYPTED/.test(text);
    throw refused(
      isLocked
        ? `The private key of ${place} is encrypted, and there is no passphrase.`
        : `The private key of ${place} cannot be used: ${passphrase === undefined ? 'it is no private key in PEM format' : 'it is no private key in PEM format, or the passphrase is wrong'}.`,
      {
        hint: isLocked
          ? 'Set `private_key_passphrase` of the target.'
          : 'It begins with -----BEGIN PRIVATE KEY----- or -----BEGIN ENCRYPTED PRIVATE KEY-----.',
        cause,
      },
    );
  }
}

function refused(message: string, options: { readonly hint: string; readonly cause?: unknown }): ScorelineError {
  return new ScorelineError('WAREHOUSE_UNREACHABLE', message, { retryable: false, ...options });
}
