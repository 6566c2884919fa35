/*
 * Real accounts that tests may use, named by environment variables. Without them tests run on emulators.
 */

/** What stands under `warehouse` of a target; secrets stay names of variables. */
export type WarehouseTarget = Readonly<Record<string, string>>;

type Environment = Readonly<Record<string, string | undefined>>;

/** Null where no project is named. */
export function bigQueryAccount(env: Environment): WarehouseTarget | null {
  const given = variablesOf('SCORELINE_TEST_BIGQUERY_', env);
  if (!given.has('PROJECT')) return null;
  return {
    type: 'bigquery',
    project: given.value('PROJECT'),
    location: given.has('LOCATION') ? given.value('LOCATION') : 'EU',
    ...(given.has('KEY_FILE') && { key_file: given.value('KEY_FILE') }),
    ...(given.has('IMPERSONATE') && { impersonate: given.value('IMPERSONATE') }),
    ...(given.has('ENDPOINT') && { api_endpoint: given.value('ENDPOINT') }),
  };
}

const credentials = { PRIVATE_KEY_PATH: 'private_key_path', PASSWORD: 'password', TOKEN: 'token' } as const;

/** Null where no account is named. @throws where other variables are missing */
export function snowflakeAccount(env: Environment): WarehouseTarget | null {
  const given = variablesOf('SCORELINE_TEST_SNOWFLAKE_', env);
  if (!given.has('ACCOUNT')) return null;
  const credential = Object.entries(credentials).filter(([name]) => given.has(name));
  const [[name, key] = ['', '']] = credential;
  if (credential.length !== 1)
    throw new Error(`Tests on Snowflake take one of ${Object.keys(credentials).map(given.name).join(', ')}.`);
  return {
    type: 'snowflake',
    account: given.value('ACCOUNT'),
    username: given.value('USER'),
    [key]: given.reference(name),
    ...(given.has('PRIVATE_KEY_PASSPHRASE') && {
      private_key_passphrase: given.reference('PRIVATE_KEY_PASSPHRASE'),
    }),
    ...(given.has('AUTHENTICATOR') && { authenticator: given.value('AUTHENTICATOR') }),
    ...(given.has('ROLE') && { role: given.value('ROLE') }),
    warehouse: given.value('WAREHOUSE'),
    database: given.value('DATABASE'),
    ...(given.has('HOST') && { host: given.value('HOST') }),
  };
}

function variablesOf(prefix: string, env: Environment) {
  const name = (of: string) => prefix + of;
  const has = (of: string) => (env[name(of)] ?? '') !== '';
  const value = (of: string): string => {
    if (!has(of)) throw new Error(`Tests on a real account also need ${name(of)}.`);
    return env[name(of)] ?? '';
  };
  return { name, has, value, reference: (of: string) => `\${${name(of)}}` };
}
