import type { SnowflakeSettings } from '../../project/warehouse-types.ts';

/** What a hint may name. */
export type Who = Pick<SnowflakeSettings, 'role' | 'warehouse' | 'database' | 'username'>;

interface KnownError {
  /** Snowflake's numbers that say it by themselves. */
  readonly codes?: readonly string[];
  /** Says it as well, and picks out the names. */
  readonly pattern?: RegExp;
  readonly hint: (who: Who, match: RegExpExecArray | null) => string;
  readonly retryable?: boolean;
}

/**
 * What a statement may be refused for. Codes and words from Snowflake's documentation and the issues of its drivers (2026-11); the
 * first entry that fits counts.
 */
export const refusals: readonly KnownError[] = [
  {
    pattern: /Schema '(.+?)' does not exist or not authorized/,
    hint: (who, match) =>
      `Check \`schema\` in config/scoreline.yml. If it is there: ${grant('usage on schema', match?.[1], who)}`,
  },
  {
    pattern: /Database '(.+?)' does not exist or not authorized/,
    hint: (who, match) => `Check \`database\`. If it is there: ${grant('usage on database', match?.[1], who)}`,
  },
  {
    // A session may begin in a database that is not there; its first statement tells.
    codes: ['090105'],
    hint: (who) =>
      `There is no database ${who.database}, or the role may not use it: check \`database\` of the target, or run: ${grant('usage on database', who.database, who)}`,
  },
  {
    codes: ['002003', '002043'],
    pattern: /Object '(.+?)' does not exist or not authorized/,
    hint: (who, match) =>
      `Models are read with \`ref\`, sources with \`source\`. If it is there: ${grant('select on table', match?.[1], who)} (\`on view\` for a view), and usage on its schema and database.`,
  },
  {
    codes: ['003001'],
    pattern: /Insufficient privileges to operate on (\w+) '(.+?)'/,
    hint: (who, match) => insufficient(who, match?.[1], match?.[2]),
  },
  {
    codes: ['090073', '000090'],
    pattern: /resource monitor/i,
    hint: () => 'Its quota is used up: wait for the next period, or have an account administrator raise it.',
    retryable: true,
  },
  {
    codes: ['000606', '000609'],
    hint: ({ warehouse, role }) =>
      `The warehouse ${warehouse} is missing, is not granted, or is suspended and does not wake up by itself. ` +
      `Run: alter warehouse ${warehouse} set auto_resume = true; grant usage, operate on warehouse ${warehouse} to role ${role ?? '<role>'};`,
  },
  {
    codes: ['000630'],
    pattern: /reached its statement or warehouse timeout/,
    hint: () =>
      'Raise `statement_timeout` of the target, or STATEMENT_TIMEOUT_IN_SECONDS of the warehouse, if it is the lower one.',
  },
  {
    codes: ['000625'],
    pattern: /has locked table|lock timeout/i,
    hint: () => 'Another transaction holds the table; run the command again.',
    retryable: true,
  },
  {
    codes: ['000904'],
    hint: () =>
      'Check the name. Names in lower case here are names without quotes in Snowflake; a column that was made in quotes in lower case needs a model that renames it.',
  },
  {
    codes: ['001003'],
    hint: () =>
      'Look at the SQL just before that place. A column that is called like a SQL keyword goes in double quotes, in upper case.',
  },
  {
    codes: ['002140'],
    hint: () => 'Look the function up in the documentation of Snowflake, or use a macro of Scoreline.',
  },
  {
    codes: ['100038', '100035', '100037', '100040', '100039', '100071'],
    hint: () =>
      'Leave the row out with WHERE, or use `try_cast(x as type)`, which gives null for a value that does not fit.',
  },
  {
    codes: ['100090'],
    hint: () => 'Two rows of the source match one row: make its key unique.',
  },
  {
    codes: ['000604'],
    hint: () => 'Somebody cancelled it in Snowflake, or its session ended: run the command again.',
    retryable: true,
  },
];

/** What keeps a session from being opened. */
export const openings: readonly KnownError[] = [
  {
    codes: ['390420', '390421', '390422'],
    pattern: /is not allowed to access Snowflake/i,
    hint: () => 'A network policy of the account or user keeps this address out: have an administrator add it.',
  },
  {
    codes: ['390144'],
    pattern: /JWT token is invalid/i,
    hint: ({ username }) =>
      `The public key of this private key is not that of the user, or this machine's clock is wrong: alter user ${username} set rsa_public_key = '…'; \`desc user ${username}\` shows the fingerprint that is set.`,
  },
  {
    codes: ['390318', '390303', '390195'],
    pattern: /OAuth access token/i,
    hint: () =>
      'The OAuth token has expired or is of another account: get a new one, and set the variable that holds it.',
  },
  {
    codes: ['394400', '394401', '394402'],
    pattern: /programmatic access token/i,
    hint: ({ username }) =>
      `Make a new one: alter user ${username} add programmatic access token …; a token also needs a network policy for its user.`,
  },
  {
    codes: ['390189', '390186'],
    pattern: /Role '?(.+?)'? specified in the connect string|role.*not (?:exist|granted|assigned)/i,
    hint: ({ role, username }) => `Check \`role\`, or run: grant role ${role ?? '<role>'} to user ${username};`,
  },
  {
    codes: ['390201'],
    hint: ({ database, warehouse, role }) =>
      `Check \`database\` and \`warehouse\`, or run: grant usage on database ${database} to role ${role ?? '<role>'}; grant usage on warehouse ${warehouse} to role ${role ?? '<role>'};`,
  },
  {
    codes: ['390100'],
    hint: () =>
      'Check `username` and the credential of the target. Snowflake refuses passwords of services: use a key pair.',
  },
  {
    codes: ['390101', '390102', '390111'],
    hint: () => 'The user is disabled or locked: ask an administrator of the account.',
  },
  {
    codes: ['390190', '390191'],
    hint: () =>
      'The user must sign in another way (multi-factor or single sign-on): give a service a key pair or a token.',
  },
];

function grant(privilege: string, object: string | undefined, { role }: Who): string {
  return `grant ${privilege} ${object ?? '…'} to role ${role ?? '<role>'};`;
}

function insufficient(who: Who, kind = '', object = ''): string {
  const name = object === '' ? '…' : object;
  switch (kind.toLowerCase()) {
    case 'schema':
      return `Run: grant usage, create table, create view on schema ${name} to role ${who.role ?? '<role>'};`;
    case 'database':
      return `Run: grant usage, create schema on database ${name} to role ${who.role ?? '<role>'};`;
    case 'warehouse':
      return `Run: grant usage, operate on warehouse ${name} to role ${who.role ?? '<role>'};`;
    case 'table':
    case 'view':
      return `The role has to own what it replaces. Run: grant ownership on ${kind.toLowerCase()} ${name} to role ${who.role ?? '<role>'} copy current grants;`;
    default:
      return 'Give the role what it lacks; Scoreline owns the schemas that it builds in, and reads the sources.';
  }
}

export function knownError(
  known: readonly KnownError[],
  { code, message }: { readonly code: string; readonly message: string },
) {
  for (const entry of known) {
    const match = entry.pattern?.exec(message) ?? null;
    if (match !== null || entry.codes?.includes(code)) return { entry, match };
  }
  return undefined;
}
