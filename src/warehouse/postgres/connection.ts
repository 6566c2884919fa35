import pg from 'pg';
import type { PostgresSettings } from '../../project/warehouse-types.ts';
import type { Row } from '../port.ts';
import { openError, wrongUrl } from './open-errors.ts';
import { passwordFromFile, type SignIn } from './password-file.ts';
import { isAboutTls, type TlsRequest, tlsAttempts, tlsOptions, tlsRequest, withoutTlsParameters } from './tls.ts';

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

/** Makes connections to the database of a target, each set up alike. */
export class Connector {
  /** Without a secret, for messages. */
  readonly place: string;
  readonly #url: URL;
  readonly #timeZone: string;
  readonly #statementTimeoutMs: number | undefined;
  readonly #tls: TlsRequest;
  /** With TLS or without, in the order in which they are tried; what worked once is kept. */
  #attempts: readonly boolean[];
  /** Who signs in: where the URL does not say it, PGUSER or the user of the system. */
  #role = '';
  #credential: string | null = null;

  /** @throws WAREHOUSE_UNREACHABLE for a URL that is none of PostgreSQL's */
  constructor({ url, statementTimeoutMs }: PostgresSettings, timeZone: string) {
    if (!URL.canParse(url) || !/^postgres(ql)?:$/.test(new URL(url).protocol)) throw wrongUrl();
    this.#url = new URL(url);
    this.#timeZone = timeZone;
    this.#statementTimeoutMs = statementTimeoutMs;
    this.#tls = tlsRequest(this.#url);
    this.#attempts = tlsAttempts(this.#tls);
    const { hostname, port, pathname, searchParams } = this.#url;
    const host = searchParams.get('host') ?? (hostname === '' ? 'localhost' : hostname);
    this.place = `database ${decodeURIComponent(pathname.slice(1)) || 'of the same name as the user'} at ${host}:${port || '5432'}`;
  }

  /** What the last connection was signed in with, in words; null where there is nothing to sign in with. */
  get credential(): string | null {
    return this.#credential;
  }

  /**
   * Connects and sets the session up. @returns facts of the server: `version` (180004), `encoding`, `role`, `database`
   * @throws WAREHOUSE_UNREACHABLE
   */
  async connect(): Promise<{ readonly client: pg.Client; readonly server: Row }> {
    const [first = true, second] = this.#attempts;
    try {
      return await this.#connectOnce(first).catch((error: unknown) => {
        if (second === undefined || !isAboutTls(error)) throw error;
        return this.#connectOnce(second);
      });
    } catch (error) {
      throw openError(error, this.place, this.#role);
    }
  }

  async #connectOnce(isSecret: boolean) {
    const client = new pg.Client({
      connectionString: withoutTlsParameters(this.#url),
      ssl: isSecret && (await tlsOptions(this.#tls)),
      application_name: 'scoreline',
      connectionTimeoutMillis: connectTimeoutMs,
      keepAlive: true,
      keepAliveInitialDelayMillis: keepAliveMs,
    });
    this.#role = client.user ?? '';
    this.#credential = this.#credentialOf(client);
    if (!client.password) Object.assign(client, { password: (signIn: SignIn) => this.#askFor(signIn) });
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
      this.#attempts = [isSecret];
      return { client, server: rows[0] as Row };
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
  }

  /** Of a client that has not signed in yet: it has the password of the address, or else that of PGPASSWORD, which `pg` reads. */
  #credentialOf({ password }: pg.Client): string | null {
    if (this.#url.password !== '') return 'password of the address';
    if (password) return 'PGPASSWORD';
    return this.#tls.certificate === null ? null : 'certificate of `sslcert`';
  }

  /** Called by `pg` where the server asks for a password and there was none. */
  async #askFor(signIn: SignIn): Promise<string> {
    const password = await passwordFromFile(signIn);
    this.#credential = 'password file';
    return password;
  }
}
