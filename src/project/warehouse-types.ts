/** How to reach a warehouse: one kind of settings for each type of it. */
export type WarehouseSettings = DuckDbSettings | PostgresSettings | BigQuerySettings | SnowflakeSettings;

export interface DuckDbSettings {
  readonly type: 'duckdb';
  /** Absolute. */
  readonly path: string;
  /** DuckDB's own notation, such as `1GB`. */
  readonly memoryLimit: string;
  readonly threads?: number;
}

export interface PostgresSettings {
  readonly type: 'postgres';
  /** `postgres://user:password@host:5432/database?sslmode=verify-full`. May hold a secret: never printed. */
  readonly url: string;
  readonly statementTimeoutMs?: number;
}

export interface BigQuerySettings {
  readonly type: 'bigquery';
  /** Whose jobs they are, and where models are built. */
  readonly project: string;
  /** Of the datasets, such as `EU`. */
  readonly location: string;
  readonly maxBytesBilled?: bigint;
  /** Absolute path of a service account's key; application default credentials without it. */
  readonly keyFile?: string;
  /** The e-mail address of a service account to act as. */
  readonly impersonate?: string;
  /** Another address of the API, such as a private one or an emulator. */
  readonly apiEndpoint?: string;
  readonly statementTimeoutMs?: number;
}

export interface SnowflakeSettings {
  readonly type: 'snowflake';
  readonly account: string;
  readonly username: string;
  readonly credential: SnowflakeCredential;
  readonly role?: string;
  readonly warehouse: string;
  readonly database: string;
  /** Another address than the account's own, such as a private link or an emulator: a host name or an `http(s)` address. */
  readonly host?: string;
  readonly statementTimeoutMs?: number;
}

/** Texts are secrets: never printed. */
export type SnowflakeCredential =
  | { readonly kind: 'key_pair'; readonly key: string; readonly passphrase?: string }
  /** Absolute path of a PEM file. */
  | { readonly kind: 'key_file'; readonly path: string; readonly passphrase?: string }
  | { readonly kind: 'password'; readonly password: string }
  | { readonly kind: 'oauth' | 'programmatic_access_token'; readonly token: string }
  /** Signs in with a browser on this machine: for people at a terminal, not for schedules. */
  | { readonly kind: 'externalbrowser' };
