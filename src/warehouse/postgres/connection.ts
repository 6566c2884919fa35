import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';
import pg from 'pg';
import type { PostgresSettings } from '../../project/warehouse-types.ts';
import type { Row } from '../port.ts';
import { openError, wrongUrl } from './errors.ts';

/** Who does not answer in that time is not there. */
const connectTimeoutMs = 15_000;
/** How often an idle connection shows firewalls that it is there. */
const keepAliveMs = 30_000;

/**
 * What every session is set to, beside the project's time zone.
 *
 * Tables that were filled a moment ago have no statistics yet, so the planner takes them for small and joins them row by
 * row, which takes minutes where it guessed 1 row and there are 10,000. All joins here are of whole tables by equalities,
 * which hashing does well whatever their size. Compiling a statement (JIT) takes longer than most of them run.
 */
const sessionSettings = {
  DateStyle: 'ISO',
  standard_conforming_strings: 'on',
  extra_float_digits: '1',
  enable_nestloop: 'off',
  jit: 'off',
};

const tlsModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
type TlsMode = (typeof tlsModes)[number];

/** Parts of the URL that `Connector` reads itself; `pg` gives some of them other meanings than libpq does. */
const tlsParameters = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'ssl'];

/** Makes connections to the database of a target, each set up alike. */
export class Connector {
  /** Without a secret, for messages. */
  readonly place: string;
  /** Where the password comes from, in words. */
  readonly credential: string;
  readonly #url: URL;
  readonly #timeZone: string;
  readonly #statementTimeoutMs: number | undefined;
  #tlsMode: TlsMode;
  /** Who signs in: where the URL does not say it, PGUSER or the user of the system. */
  #role = '';

  /** @throws WAREHOUSE_UNREACHABLE for a URL that is none of PostgreSQL's */
  constructor({ url, statementTimeoutMs }: PostgresSettings, timeZone: string) {
    if (!URL.canParse(url) || !/^postgres(ql)?:$/.test(new URL(url).protocol)) throw wrongUrl();
    this.#url = new URL(url);
    this.credential = this.#url.password === '' ? 'PGPASSWORD, a password file or none' : 'password of the address';
    this.#timeZone = timeZone;
    this.#statementTimeoutMs = statementTimeoutMs;
    // Like libpq, which tries TLS first where nothing is said.
    const mode = this.#url.searchParams.get('sslmode') ?? 'prefer';
    const known = tlsModes.find((each) => each === mode);
    if (known === undefined) throw wrongUrl(`\`sslmode\` is ${mode}: expected ${tlsModes.join(', ')}`);
    this.#tlsMode = known;
    const { hostname, port, pathname, searchParams } = this.#url;
    const host = searchParams.get('host') ?? (hostname === '' ? 'localhost' : hostname);
    this.place = `database ${decodeURIComponent(pathname.slice(1)) || 'of the same name as the user'} at ${host}:${port || '5432'}`;
  }

  /**
   * Connects and sets the session up. @returns facts of the server: `version` (180004), `encoding`, `role`, `database`
   * @throws WAREHOUSE_UNREACHABLE
   */
  async connect(): Promise<{ readonly client: pg.Client; readonly server: Row }> {
    try {
      return await this.#connectOnce();
    } catch (error) {
      if (!this.#mayDoWithoutTls(error)) throw openError(error, this.place, this.#role);
      this.#tlsMode = 'disable';
    }
    try {
      return await this.#connectOnce();
    } catch (error) {
      throw openError(error, this.place, this.#role);
    }
  }

  #mayDoWithoutTls(error: unknown): boolean {
    const isOffered = this.#tlsMode === 'prefer' || this.#tlsMode === 'allow';
    return isOffered && error instanceof Error && error.message.includes('does not support SSL');
  }

  async #connectOnce() {
    const client = new pg.Client({
      connectionString: this.#withoutTlsParameters(),
      ssl: await this.#tls(),
      application_name: 'scoreline',
      connectionTimeoutMillis: connectTimeoutMs,
      keepAlive: true,
      keepAliveInitialDelayMillis: keepAliveMs,
    });
    this.#role = client.user ?? '';
    // An idle connection that breaks is noticed by whoever uses it next.
    client.on('error', () => undefined);
    try {
      await client.connect();
      const settings = {
        ...sessionSettings,
        TimeZone: this.#timeZone,
        statement_timeout: `${this.#statementTimeoutMs ?? 0}ms`,
      };
      const { rows } = await client.query(
        `select (select count(set_config(key, value, false)) from json_each_text($1)),
  current_setting('server_version_num')::int as version, getdatabaseencoding() as encoding,
  current_user as role, current_database() as database`,
        [JSON.stringify(settings)],
      );
      return { client, server: rows[0] as Row };
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
  }

  #withoutTlsParameters(): string {
    const url = new URL(this.#url);
    for (const name of tlsParameters) url.searchParams.delete(name);
    return url.toString();
  }

  /** As libpq: `require` asks for secrecy alone, unless a root certificate is given. */
  async #tls(): Promise<false | ConnectionOptions> {
    const mode = this.#tlsMode;
    if (mode === 'disable') return false;
    const file = async (name: string) => {
      const path = this.#url.searchParams.get(name);
      return path === null ? undefined : await readFile(path, 'utf8');
    };
    const [ca, cert, key] = [await file('sslrootcert'), await file('sslcert'), await file('sslkey')];
    const rejectUnauthorized =
      mode === 'verify-full' || mode === 'verify-ca' || (mode === 'require' && ca !== undefined);
    const checksName = mode === 'verify-full';
    return { rejectUnauthorized, ca, cert, key, ...(checksName ? {} : { checkServerIdentity: () => undefined }) };
  }
}
