import { isComment, type SqlToken } from './tokenize-sql.ts';

/** Clocks that are read without parentheses, in any of the warehouses. */
const clockWords = new Set([
  'current_date',
  'current_datetime',
  'current_time',
  'current_timestamp',
  'localtime',
  'localtimestamp',
  'sysdate',
  'systimestamp',
]);

const clockFunctions = new Set([
  ...clockWords,
  'ago',
  'clock_timestamp',
  'current_localtime',
  'current_localtimestamp',
  'get_current_time',
  'get_current_timestamp',
  'getdate',
  'now',
  'pg_conf_load_time',
  'pg_postmaster_start_time',
  'statement_timestamp',
  'timeofday',
  'today',
  'transaction_timestamp',
]);

/** Random numbers, generated keys, sequences and numbers of the session: other values in every run. */
const changingFunctions = new Set([
  'current_connection_id',
  'current_query_id',
  'current_transaction_id',
  'currval',
  'gen_random_uuid',
  'generate_uuid',
  'nextval',
  'rand',
  'random',
  'randstr',
  'setseed',
  'txid_current',
  'uniform',
  'uuid',
  'uuid_string',
  'uuidv4',
  'uuidv7',
]);

export interface TokenProblem {
  readonly token: SqlToken;
  readonly message: string;
  readonly hint: string;
}

/**
 * Finds what would make two runs with the same input and the same `as_of` differ: clocks, random numbers, samples. Words in
 * literals, comments and quoted names are none of them, and neither is a column of that name behind a dot.
 */
export function findClocks(tokens: readonly SqlToken[]): readonly TokenProblem[] {
  const code = tokens.filter((token) => !isComment(token));
  return code.flatMap((token, index) => clockAt(code, token, index));
}

function clockAt(code: readonly SqlToken[], token: SqlToken, index: number): readonly TokenProblem[] {
  if (token.kind !== 'word' && token.kind !== 'quoted') return [];
  const name = (token.kind === 'quoted' ? token.text.slice(1, -1) : token.text).toLowerCase();
  const isCall = code[index + 1]?.text === '(';
  const isBare = token.kind === 'word' && !isCall && code[index - 1]?.text !== '.';
  if (
    (isCall && clockFunctions.has(name)) ||
    (isBare && clockWords.has(name)) ||
    (isCall && isAgeFromToday(code, index))
  ) {
    const message = 'reads the clock: results must depend on the data and on `as_of` alone';
    return [{ token, message, hint: "Use {{ param('as_of') }}; a column of that name goes in double quotes." }];
  }
  const isSample =
    isBare && (name === 'tablesample' || (name === 'sample' && code[index - 1]?.text.toLowerCase() === 'using'));
  if ((isCall && changingFunctions.has(name)) || isSample) {
    const message = 'gives other values in every run: the same input must give the same scores';
    return [{ token, message, hint: "Use {{ hash_bucket('key', 'salt', 100) }}, which stays the same for a key." }];
  }
  return [];
}

/** With one argument, `age` counts from today. */
function isAgeFromToday(code: readonly SqlToken[], index: number): boolean {
  if (code[index]?.text.toLowerCase() !== 'age') return false;
  let depth = 0;
  for (const token of code.slice(index + 1)) {
    if (token.text === '(') depth += 1;
    if (token.text === ')') depth -= 1;
    if (depth === 1 && token.text === ',') return false;
    if (depth === 0) return true;
  }
  return false;
}
