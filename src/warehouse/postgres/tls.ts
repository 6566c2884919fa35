import { readFile } from 'node:fs/promises';
import { type ConnectionOptions, createSecureContext, getCACertificates } from 'node:tls';
import { unusableFile, wrongUrl } from './open-errors.ts';

const tlsModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
type TlsMode = (typeof tlsModes)[number];

/** Parts of the URL that are read here; `pg` gives some of them other meanings than libpq does. */
const tlsParameters = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'ssl'];

/**
 * What a URL says of TLS, in the words of libpq:
 * https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION
 * But the file of authorities has no default: without `sslrootcert`, those that Node knows are trusted.
 */
export interface TlsRequest {
  readonly mode: TlsMode;
  /** A path; `system`: the authorities that the machine trusts. */
  readonly authorities: string | null;
  readonly certificate: string | null;
  readonly key: string | null;
}

/** @throws WAREHOUSE_UNREACHABLE for a mode that there is not */
export function tlsRequest({ searchParams }: URL): TlsRequest {
  const authorities = searchParams.get('sslrootcert');
  const word = searchParams.get('sslmode') ?? (authorities === 'system' ? 'verify-full' : 'prefer');
  const mode = tlsModes.find((each) => each === word);
  if (mode === undefined) throw wrongUrl(`\`sslmode\` is ${word}: expected ${tlsModes.join(', ')}`);
  if (authorities === 'system' && mode !== 'verify-full') {
    throw wrongUrl(`\`sslrootcert=system\` goes with \`sslmode=verify-full\` alone, not with ${mode}`);
  }
  return { mode, authorities, certificate: searchParams.get('sslcert'), key: searchParams.get('sslkey') };
}

export function withoutTlsParameters(url: URL): string {
  const without = new URL(url);
  for (const name of tlsParameters) without.searchParams.delete(name);
  return without.toString();
}

/** Whether TLS is used, in the order in which it is tried: what the server refuses one way may work the other. */
export function tlsAttempts({ mode }: TlsRequest): readonly boolean[] {
  switch (mode) {
    case 'disable':
      return [false];
    case 'allow':
      return [false, true];
    case 'prefer':
      return [true, false];
    case 'require':
    case 'verify-ca':
    case 'verify-full':
      return [true];
    default:
      throw new TypeError(`No such mode: ${mode satisfies never}`);
  }
}

/** Whether a server refused a connection for the sake of TLS, or of the lack of it. */
export function isAboutTls(error: unknown): boolean {
  return error instanceof Error && /does not support SSL|pg_hba\.conf/.test(error.message);
}

/**
 * Reads the files anew for each connection, since keys are changed while a job runs. As libpq, `require` asks for secrecy
 * alone, unless authorities are named.
 * @throws WAREHOUSE_UNREACHABLE for a file that cannot be read or used
 */
export async function tlsOptions({ mode, authorities, certificate, key }: TlsRequest): Promise<ConnectionOptions> {
  const files = {
    ca: authorities === 'system' ? getCACertificates('system') : await textOf('sslrootcert', authorities),
    cert: await textOf('sslcert', certificate),
    key: await textOf('sslkey', key),
  };
  try {
    createSecureContext(files);
  } catch (cause) {
    throw unusableFile('`sslcert` and `sslkey` are no certificate and its key without a password', cause);
  }
  const rejectUnauthorized =
    mode === 'verify-full' || mode === 'verify-ca' || (mode === 'require' && authorities !== null);
  return { ...files, rejectUnauthorized, ...(mode !== 'verify-full' && { checkServerIdentity: () => undefined }) };
}

async function textOf(parameter: string, path: string | null): Promise<string | undefined> {
  if (path === null) return undefined;
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw unusableFile(`\`${parameter}\` cannot be read`, cause);
  });
  // Node passes over a file of authorities without any, and then trusts nobody.
  if (!text.includes('-----BEGIN ')) throw unusableFile(`\`${parameter}\`, ${path}, is no file in PEM format`);
  return text;
}
