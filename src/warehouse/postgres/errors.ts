import pg from 'pg';
import { ScorelineError } from '../../errors/scoreline-error.ts';
import type { CompiledSql } from '../../sql/types.ts';
import type { StatementOptions } from '../port.ts';
import { type Refusal, refusalError } from '../refusal.ts';
import { missingGrant } from './missing-grant.ts';
import { wordsOf } from './open-errors.ts';

/** A statement as it was sent, to tell where in it an error lies. */
export interface SentStatement {
  /** With what the adapter put in front. */
  readonly text: string;
  readonly statement: CompiledSql;
  /** Who sent it. */
  readonly role: string;
}

interface KnownState {
  /** SQLSTATEs, or the classes that they begin with. */
  readonly states: readonly string[];
  readonly hint: string;
  readonly retryable?: boolean;
}

/** https://www.postgresql.org/docs/18/errcodes-appendix.html; the first that fits counts. */
const knownStates: readonly KnownState[] = [
  {
    states: ['40001', '40P01', '23505', '55P03'],
    hint: 'Another statement changed the same rows at that moment; run the command again.',
    retryable: true,
  },
  {
    states: ['53100'],
    hint: "Free space on the disk of the server; a statement's results may need as much as the table that it makes.",
    retryable: true,
  },
  { states: ['53'], hint: 'The server has no room for it now: run the command again later.', retryable: true },
  {
    states: ['25006'],
    hint: 'This server only reads, as a standby does: name the primary one in `url` of the target.',
  },
  {
    states: ['3F000'],
    hint: 'Correct `schema` of the source in config/scoreline.yml; Scoreline itself makes only the schema of the target and the one of its state.',
  },
  {
    states: ['42P01'],
    hint: 'Models are read with `ref`, sources with `source`; a source needs its `schema` in config/scoreline.yml.',
  },
  {
    states: ['42883', '42804', '22P02', '42846'],
    hint: "A value has another type than is wanted here: cast it. PostgreSQL has no `try_cast`; test the text first, as in `case when x ~ '^[0-9]+$' then cast(x as integer) end`.",
  },
  {
    states: ['42601'],
    hint: 'Look at the SQL just before that place. A column that is called like a SQL keyword (`order`, `user`) goes in double quotes.',
  },
  {
    states: ['22012'],
    hint: "PostgreSQL refuses to divide by 0: write {{ safe_divide('a', 'b') }}, which gives null then.",
  },
  {
    states: ['22'],
    hint: 'Leave the row out with WHERE, or test the value first with CASE.',
  },
  {
    states: ['2BP01', '0A000:view'],
    hint: 'A view of somebody else reads a column that the model no longer gives, or gives with another type: change or drop that view, then build again.',
  },
  {
    states: ['0A000:cross-database'],
    hint: 'PostgreSQL reads the database that it is connected to alone: leave `database` of the source out, or load the table there.',
  },
  { states: ['54011', '54000'], hint: 'PostgreSQL takes 1,600 columns in a table: give the model fewer.' },
];

/** Wraps what PostgreSQL, or the connection to it, threw at a statement. */
export function postgresRefusal(
  cause: unknown,
  sent: SentStatement,
  options: StatementOptions | undefined,
): ScorelineError {
  if (!(cause instanceof pg.DatabaseError)) {
    if (isTruncation(cause)) return refusalError('PostgreSQL', truncation(cause), options);
    return lostConnection(cause, options);
  }
  const { code: state = '' } = cause;
  if (isGone(state)) return lostConnection(cause, options);
  const known = knownStateOf(cause);
  const refusal: Refusal = {
    message: `${cause.message} (SQLSTATE ${state})`,
    hint: hintOf(cause, sent) ?? known?.hint ?? cause.hint,
    retryable: known?.retryable ?? false,
    cause,
    excerpt: excerptOf(cause, sent),
  };
  return refusalError('PostgreSQL', refusal, options);
}

function knownStateOf({ code = '', message }: pg.DatabaseError): KnownState | undefined {
  return knownStates.find(({ states }) =>
    states.some((each) => {
      const [state = '', word = ''] = each.split(':');
      return code.startsWith(state) && message.includes(word);
    }),
  );
}

function hintOf(error: pg.DatabaseError, { statement, role }: SentStatement): string | undefined {
  switch (error.code) {
    case '42501':
      return missingGrant(error.message, statement.text, role);
    case '57014':
      return error.message.includes('statement timeout')
        ? 'Raise `statement_timeout` of the target, or let the model read less.'
        : 'Somebody cancelled the statement in the server; run the command again.';
    default:
      return undefined;
  }
}

/** The server shuts down, or this session was ended. */
function isGone(state: string): boolean {
  return state.startsWith('08') || ['57P01', '57P02', '57P03', '57P05', '25P03'].includes(state);
}

/** @param cause its words are those of the system or of `pg`, neither of which knows a secret */
function lostConnection(cause: unknown, options: StatementOptions | undefined): ScorelineError {
  const purpose = options?.purpose === undefined ? '' : ` while trying to ${options.purpose}`;
  return new ScorelineError(
    'WAREHOUSE_UNREACHABLE',
    `The connection to PostgreSQL broke${purpose}: ${wordsOf(cause)}`,
    {
      hint: 'Nothing of the statement was kept. Run the command again; if it stays, look into the log of the server.',
      retryable: true,
      cause,
    },
  );
}

function isTruncation(cause: unknown): cause is Error {
  return cause instanceof Error && cause.message.includes('will be truncated');
}

function truncation(cause: Error): Refusal {
  return {
    message: cause.message,
    hint: 'PostgreSQL takes names of 63 bytes at most: shorten the id of the rule, or the name of the model or column.',
    cause,
  };
}

/** PostgreSQL names a character of what was sent, counted from 1. */
function excerptOf({ position }: pg.DatabaseError, { text, statement }: SentStatement): Refusal['excerpt'] {
  if (position === undefined) return undefined;
  // It counts characters, and not the halves of those beyond the first 65,536.
  const before = [...text].slice(0, Number(position) - 1).join('').length - text.lastIndexOf(statement.text);
  if (before < 0) return undefined;
  const start = statement.text.lastIndexOf('\n', before - 1) + 1;
  const [line = ''] = statement.text.slice(start).split('\n');
  // Of a qualified name, its last part: the others are often aliases of ours.
  const word = /^(?:"?[\p{L}\p{N}_]+"?\.)*['"]?([\p{L}_][\p{L}\p{N}_]*)/u.exec(statement.text.slice(before))?.[1];
  return { text: line, column: before - start + 1, word };
}
