import { ScorelineError } from '../../errors/scoreline-error.ts';
import type { SnowflakeSettings } from '../../project/warehouse-types.ts';
import { nameFromSnowflake, snowflakeName } from '../../sql/dialects/snowflake-names.ts';
import type { CompiledSql } from '../../sql/types.ts';
import type { StatementOptions } from '../port.ts';
import { type Refusal, refusalError } from '../refusal.ts';
import { knownError, openings, refusals, type Who } from './known-errors.ts';

/** What the driver threw, without the requests and answers that hang on it: they hold tokens. */
export class SnowflakeDriverError extends Error {
  override readonly name = 'SnowflakeDriverError';
  /** Snowflake's number in six digits, or the driver's own. */
  readonly code: string;
  readonly sqlState: string | undefined;
  readonly queryId: string | undefined;

  constructor(
    message: string,
    facts: { readonly code: string; readonly sqlState?: string; readonly queryId?: string },
  ) {
    super(message);
    this.code = facts.code;
    this.sqlState = facts.sqlState;
    this.queryId = facts.queryId;
  }
}

export function driverError(thrown: unknown): SnowflakeDriverError {
  if (thrown instanceof SnowflakeDriverError) return thrown;
  if (!(thrown instanceof Error)) return new SnowflakeDriverError(String(thrown), { code: '' });
  const { code, sqlState, data } = thrown as Error & {
    code?: unknown;
    sqlState?: unknown;
    data?: { queryId?: unknown };
  };
  return new SnowflakeDriverError(thrown.message, {
    code: /^\d+$/.test(String(code)) ? String(code).padStart(6, '0') : String(code ?? ''),
    sqlState: typeof sqlState === 'string' ? sqlState : undefined,
    queryId: typeof data?.queryId === 'string' ? data.queryId : undefined,
  });
}

/** Wraps what Snowflake or its driver threw at a statement. `statement` is the text that was sent; absent where none was. */
export function snowflakeRefusal(
  thrown: unknown,
  statement: CompiledSql | undefined,
  options: StatementOptions | undefined,
  who: Who,
): ScorelineError {
  const cause = driverError(thrown);
  const known = knownError(refusals, cause);
  if (isConnectionLost(cause)) {
    const purpose = options?.purpose ?? 'run a statement';
    return new ScorelineError(
      'WAREHOUSE_UNREACHABLE',
      `Cannot ${purpose}: the connection to Snowflake was lost: ${wordsOf(cause)}`,
      {
        hint: 'Check the network, then run again: what was accepted is remembered.',
        retryable: true,
        cause,
        details: detailsOf(cause),
      },
    );
  }
  const refusal: Refusal = {
    message: `${wordsOf(cause)} (${[cause.code, cause.sqlState].filter(Boolean).join(', ')})`,
    hint: known?.entry.hint(who, known.match),
    retryable: known?.entry.retryable ?? false,
    cause,
    excerpt: statement === undefined ? undefined : excerptOf(cause.message, statement.text),
  };
  return refusalError('Snowflake', refusal, options);
}

/** Wraps what kept a session from being opened. */
export function snowflakeOpenError(thrown: unknown, settings: SnowflakeSettings): ScorelineError {
  const cause = driverError(thrown);
  const place = settings.host ?? settings.account;
  if (isConnectionLost(cause) && knownError(openings, cause) === undefined) {
    return new ScorelineError('WAREHOUSE_UNREACHABLE', `Snowflake does not answer at ${place}: ${wordsOf(cause)}`, {
      hint: 'Check `account` (and `host`) of the target, the network and the proxy.',
      cause,
      details: detailsOf(cause),
    });
  }
  const known = knownError(openings, cause) ?? knownError(refusals, cause);
  return new ScorelineError(
    'WAREHOUSE_UNREACHABLE',
    `Snowflake does not let ${settings.username} in at ${place}: ${wordsOf(cause)} (${cause.code})`,
    { hint: known?.entry.hint(settings, known.match), retryable: false, cause, details: detailsOf(cause) },
  );
}

/** Whether this schema has to be made first; a statement may also miss one that it reads. */
export function isMissingSchema({ message }: SnowflakeDriverError, schema: string): boolean {
  const [, missing = ''] = /Schema '(.+)' does not exist/.exec(message) ?? [];
  return `.${missing}`.replaceAll('"', '').endsWith(`.${snowflakeName(schema)}`.replaceAll('"', ''));
}

/** Whether a table stands where a view is to be, or a view where a table is to be. */
export function standsInTheWay({ message }: SnowflakeDriverError): 'table' | 'view' | null {
  const kind = /already exists as (?:a )?(TABLE|VIEW)/i.exec(message)?.[1]?.toLowerCase();
  return kind === 'table' || kind === 'view' ? kind : null;
}

/** The driver's own numbers (no connection, an answer that is none, a session that is gone, a doubtful certificate) and Node's. */
function isConnectionLost({ code }: SnowflakeDriverError): boolean {
  return /^40[127]\d{3}$|^41[23]\d{3}$|^E[A-Z]+$/.test(code);
}

function detailsOf({ code, sqlState, queryId }: SnowflakeDriverError): Readonly<Record<string, unknown>> {
  return { code, sqlState: sqlState ?? null, queryId: queryId ?? null };
}

/** A value in it may be as long as a row's. */
const maxWords = 600;

function wordsOf({ message }: SnowflakeDriverError): string {
  const words = message
    .replace(/^SQL compilation error:\s*/, '')
    .replace(invalidIdentifier, (words, name: string) => words.replace(name, asWritten(name)))
    .replace(/\s+/g, ' ')
    .trim();
  return words.length > maxWords ? `${words.slice(0, maxWords / 2)} … ${words.slice(-maxWords / 2)}` : words;
}

const invalidIdentifier = /invalid identifier '(?:[^']*\.)?"?([^".']+)"?'/;

/** `error line 3 at position 2`: lines count from 1 and positions from 0, in the statement as it was sent. */
function excerptOf(message: string, statement: string): Refusal['excerpt'] {
  const place = /error line (\d+) at position (-?\d+)/.exec(message);
  const name = invalidIdentifier.exec(message)?.[1] ?? /unexpected '([^']+)'/.exec(message)?.[1];
  const text = place === null ? undefined : statement.split('\n')[Number(place[1]) - 1];
  const position = Number(place?.[2] ?? -1);
  const found =
    text === undefined || position < 0 ? undefined : /^["']?([\p{L}_][\p{L}\p{N}_]*)/u.exec(text.slice(position))?.[1];
  // Snowflake folds names, so the one that the file has is taken from the statement where that shows it.
  const word = found ?? (name === undefined ? undefined : asWritten(name));
  if (text === undefined) return word === undefined ? undefined : { text: word, word };
  return { text, column: position < 0 ? undefined : position + 1, word };
}

function asWritten(name: string): string {
  return name === snowflakeName(name) ? nameFromSnowflake(name) : name;
}
