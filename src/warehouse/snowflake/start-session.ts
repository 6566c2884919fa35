import { connectionOptions } from './connection-options.ts';
import { snowflakeOpenError } from './errors.ts';
import { plain, Session, type SessionOptions } from './session.ts';

/** Connects and sets the session up. Throws WAREHOUSE_UNREACHABLE, with what to do about it. */
export async function startSession(options: SessionOptions): Promise<Session> {
  const { settings } = options;
  const [driver, connecting] = await Promise.all([loadDriver(), connectionOptions(settings, options)]);
  const connection = driver.createConnection(connecting);
  try {
    await new Promise<void>((resolve, reject) => {
      const isConnected = (error: unknown) => (error ? reject(error) : resolve());
      connection.connectAsync(isConnected).catch(reject);
    });
  } catch (error) {
    throw snowflakeOpenError(error, settings);
  }
  const session = new Session(connection, options);
  try {
    await session.run(plain(sessionSettings(options)), { purpose: `use the time zone ${options.timeZone}` });
    return session;
  } catch (error) {
    await session.close();
    throw error;
  }
}

/**
 * What would otherwise depend on the account, and change what SQL means: how text is read as a date, whether names in quotes
 * keep their case. ABORT_DETACHED_QUERY ends the statement of a job that died.
 */
function sessionSettings({ timeZone, settings }: SessionOptions): string {
  const values: Readonly<Record<string, string>> = {
    TIMEZONE: `'${timeZone.replaceAll("'", "''")}'`,
    DATE_INPUT_FORMAT: "'AUTO'",
    TIMESTAMP_INPUT_FORMAT: "'AUTO'",
    QUOTED_IDENTIFIERS_IGNORE_CASE: 'false',
    AUTOCOMMIT: 'true',
    ABORT_DETACHED_QUERY: 'true',
    ...(settings.statementTimeoutMs !== undefined && {
      STATEMENT_TIMEOUT_IN_SECONDS: String(Math.ceil(settings.statementTimeoutMs / 1000)),
    }),
  };
  return `alter session set ${Object.entries(values)
    .map(([name, value]) => `${name} = ${value}`)
    .join(' ')}`;
}

/** The driver writes a log file into the current folder otherwise. */
async function loadDriver() {
  const { default: driver } = await import('snowflake-sdk');
  driver.configure({ logLevel: 'OFF', additionalLogToConsole: false });
  return driver;
}
