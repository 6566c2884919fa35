import { ScorelineError } from '../../errors/scoreline-error.ts';
import { missingConnect } from './missing-grant.ts';

interface KnownOpening {
  /** SQLSTATEs, codes of the system, or words. */
  readonly signs: readonly string[];
  readonly hint: string;
  readonly retryable?: boolean;
}

const knownOpenings: readonly KnownOpening[] = [
  {
    signs: ['28P01'],
    hint: 'Correct user and password in `url` of the target, PGPASSWORD, or the password file (~/.pgpass).',
  },
  {
    signs: ['no pg_hba.conf entry'],
    hint: 'The server lets nobody in like that: add `?sslmode=require` to `url` if it wants TLS, or let an administrator add this user and address to pg_hba.conf.',
  },
  {
    signs: ['valid client certificate', 'certificate authentication failed'],
    hint: 'The server wants a certificate for this user: name it as `sslcert`, and its key as `sslkey`, in `url` of the target.',
  },
  { signs: ['28000'], hint: 'Correct the user in `url` of the target, or let an administrator make the role.' },
  { signs: ['3D000'], hint: 'Correct the name of the database, which is the path of `url` of the target.' },
  {
    signs: ['ECONNREFUSED', 'ENOENT'],
    hint: 'Nothing listens there: check host and port in `url` of the target, and whether the server runs.',
  },
  { signs: ['ENOTFOUND', 'EAI_AGAIN'], hint: 'There is no such host: correct it in `url` of the target.' },
  {
    signs: ['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'timeout expired'],
    hint: 'The server does not answer: check host and port in `url` of the target, and whether a firewall is in between.',
  },
  {
    signs: ['does not support SSL'],
    hint: 'The server has no TLS: leave `sslmode` out of `url` of the target, or use `sslmode=disable`.',
  },
  {
    signs: ['ERR_TLS_CERT_ALTNAME_INVALID'],
    hint: 'The certificate is that of another host, or the server is: give the host in `url` of the target as the certificate has it; `sslmode=verify-ca` checks no name.',
  },
  {
    signs: ['CERT', 'certificate', 'ERR_TLS', 'SELF_SIGNED', 'UNABLE_TO'],
    hint: "The server's certificate is not trusted: name the authority's file with `sslrootcert` in `url` of the target; `sslmode=require` checks no certificate.",
  },
  {
    signs: ['TimeZone'],
    hint: "PostgreSQL does not know the project's `timezone`: write it as in the IANA list, such as Europe/Berlin.",
  },
  { signs: ['53300'], hint: 'All connections of the server are taken: run the command again later.', retryable: true },
  {
    signs: ['57P01', '57P03', 'Connection terminated'],
    hint: 'The server is starting or shutting down, or somebody ended the session: run the command again later.',
    retryable: true,
  },
];

/** Wraps what was thrown when a connection was made. @param place where, without a secret @param role who signed in */
export function openError(cause: unknown, place: string, role: string): ScorelineError {
  if (cause instanceof ScorelineError) return cause;
  const words = wordsOf(cause);
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const known = knownOpenings.find(({ signs }) =>
    signs.some((sign) => code === sign || words.includes(sign) || code.startsWith(sign)),
  );
  return new ScorelineError('WAREHOUSE_UNREACHABLE', `PostgreSQL cannot be reached (${place}): ${words}`, {
    hint: missingConnect(words, role) ?? known?.hint ?? 'Check `url` of the target.',
    // Codes of the system are of a network that may come back; those of Node itself (ERR_…) are not.
    retryable: known?.retryable ?? /^E(?!RR_)/.test(code),
    details: { place },
    cause,
  });
}

export function wrongUrl(what = '`url` is no address of PostgreSQL'): ScorelineError {
  return new ScorelineError('WAREHOUSE_UNREACHABLE', `${what}.`, {
    hint: 'Write `url` of the target like postgres://user:password@host:5432/database?sslmode=verify-full.',
    retryable: false,
  });
}

/** Of what TLS needs. @param what with the parameter of the URL */
export function unusableFile(what: string, cause?: unknown): ScorelineError {
  const words = cause === undefined ? '' : `: ${wordsOf(cause)}`;
  return new ScorelineError('WAREHOUSE_UNREACHABLE', `PostgreSQL cannot be reached: ${what}${words}`, {
    hint: 'Give the paths of files in PEM format as `sslrootcert`, `sslcert` and `sslkey` in `url` of the target.',
    retryable: false,
    cause,
  });
}

/** Of several addresses that were tried, each has its own words. */
export function wordsOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(wordsOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
