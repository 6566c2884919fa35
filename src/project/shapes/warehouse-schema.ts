import { z } from 'zod';
import { explained, text } from '../settings.ts';
import { age, count } from './amounts.ts';

const statementTimeout = explained(age, 'How long one statement may take; no bound by default.', '30m').optional();

const secret = (what: string, description: string, example: string) =>
  explained(text(what), description, example).meta({ writeOnly: true });

const bytesError = 'expected an amount of bytes such as 200GB or 1TiB';

/** Bytes per unit: decimal ones as BigQuery's prices have them, binary ones with an i. */
const bytesPerUnit: Readonly<Record<string, bigint>> = {
  B: 1n,
  ...Object.fromEntries(
    [...'KMGT'].flatMap((letter, index) => [
      [`${letter}B`, 1000n ** BigInt(index + 1)],
      [`${letter}IB`, 1024n ** BigInt(index + 1)],
    ]),
  ),
};

const bytes = z
  .string({ error: bytesError })
  .regex(/^[1-9]\d{0,11}\s*([KMGT]i?)?B$/i, { error: bytesError })
  .transform((written): bigint => {
    const [, amount = '', unit = ''] = /^(\d+)\s*(\w+)$/.exec(written) ?? [];
    return BigInt(amount) * (bytesPerUnit[unit.toUpperCase()] ?? 1n);
  });

const duckdb = z.strictObject({
  type: explained(z.literal('duckdb'), 'DuckDB in the job itself: needs no server.'),
  path: explained(text('the path of a file'), 'The database file, made if missing.', '.scoreline/demo.duckdb'),
  memory_limit: explained(
    z
      .string()
      .regex(/^\d+(\.\d+)?\s*[KMGTkmgt]i?[Bb]$/, { error: 'expected an amount such as 1GB or 512MB' })
      .default('1GB'),
    'How much memory DuckDB may take.',
    '2GB',
  ),
  threads: explained(count, 'How many threads DuckDB may use; all cores by default.', 2).optional(),
});

const postgres = z.strictObject({
  type: explained(z.literal('postgres'), 'PostgreSQL 15 or later.'),
  url: secret(
    'the address of a database',
    'Where the database is; `sslmode` in it decides about TLS. Without a password in it, PGPASSWORD or the password file gives one.',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how the file spells it
    '${DATABASE_URL}',
  ),
  statement_timeout: statementTimeout,
});

const bigquery = z.strictObject({
  type: explained(z.literal('bigquery'), 'Google BigQuery.'),
  project: explained(text(), 'The project that jobs run in and models are built in.', 'acme-analytics'),
  location: explained(text(), 'Where its datasets lie.', 'EU'),
  max_bytes_billed: explained(bytes, 'A statement that would read more than this is refused.', '200GB').optional(),
  key_file: explained(
    text('the path of a file'),
    "A service account's key; application default credentials by default.",
    'secrets/scoreline.json',
  ).optional(),
  impersonate: explained(
    text(),
    'A service account to act as, with the credentials found.',
    'scoreline@acme-analytics.iam.gserviceaccount.com',
  ).optional(),
  api_endpoint: explained(text(), "Another address than Google's own.", 'https://bigquery.p.googleapis.com').optional(),
  statement_timeout: statementTimeout,
});

const snowflake = z.strictObject({
  type: explained(z.literal('snowflake'), 'Snowflake.'),
  account: explained(text(), 'The account identifier.', 'acme-analytics'),
  username: explained(text(), 'The user who connects.', 'SCORELINE'),
  private_key: secret(
    'a private key',
    "The user's private key as PEM text.",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how the file spells it
    '${SNOWFLAKE_PRIVATE_KEY}',
  ).optional(),
  private_key_path: explained(
    text('the path of a file'),
    "A PEM file with the user's private key.",
    'secrets/scoreline.p8',
  ).optional(),
  private_key_passphrase: secret(
    'a passphrase',
    'What the private key is encrypted with.',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how the file spells it
    '${SNOWFLAKE_PASSPHRASE}',
  ).optional(),
  password: secret(
    'a password',
    "The user's password, where no key pair is set up.",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how the file spells it
    '${SNOWFLAKE_PASSWORD}',
  ).optional(),
  token: secret(
    'a token',
    'An OAuth token, or a programmatic access token (see `authenticator`).',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how the file spells it
    '${SNOWFLAKE_TOKEN}',
  ).optional(),
  authenticator: explained(
    z.enum(['oauth', 'programmatic_access_token', 'externalbrowser'], {
      error: 'expected oauth, programmatic_access_token or externalbrowser',
    }),
    'What `token` is, `oauth` by default; `externalbrowser` signs a person in at a terminal.',
  ).optional(),
  role: explained(text(), 'The role to work in; the default role of the user by default.', 'SCORELINE').optional(),
  warehouse: explained(text(), 'The virtual warehouse that computes.', 'SCORELINE_WH'),
  database: explained(text(), 'The database that models are built in.', 'ANALYTICS'),
  host: explained(
    text(),
    "Another address than the account's own.",
    'acme.privatelink.snowflakecomputing.com',
  ).optional(),
  statement_timeout: statementTimeout,
});

/** Where the data is: `type` decides about the other keys. */
export const warehouseSchema = z.discriminatedUnion('type', [duckdb, postgres, bigquery, snowflake], {
  error: 'expected duckdb, postgres, bigquery or snowflake',
});

export type WarehouseShape = z.output<typeof warehouseSchema>;
