import { ScorelineError } from '../../errors/scoreline-error.ts';
import type { CompiledSql } from '../../sql/types.ts';
import type { StatementOptions } from '../port.ts';
import { type Refusal, refusalError } from '../refusal.ts';

/** DuckDB says which kind of error it is by the words before the first colon; its Node binding passes on nothing else. */
interface KnownError {
  readonly pattern: RegExp;
  readonly hint: string;
  readonly retryable?: boolean;
}

const knownErrors: readonly KnownError[] = [
  {
    pattern: /No space left on device|max_temp_directory_size/,
    hint: 'Free space on the disk that holds the DuckDB file: what does not fit into memory is kept beside it.',
    retryable: true,
  },
  {
    pattern: /^Out of Memory Error/,
    hint: 'Raise `memory_limit` of the target, set `threads` lower, or let the model keep fewer rows in memory at once.',
  },
  {
    pattern: /^IO Error: No files found that match/,
    hint: 'Check the path under `files` of the target: relative paths start at the project directory.',
  },
  {
    pattern: /not utf-8 encoded/,
    hint: 'Save the file as UTF-8.',
  },
  {
    pattern: /CSV Error/,
    hint: 'Correct that line of the file.',
  },
  {
    pattern: /Candidate bindings: "column0"/,
    hint: 'The file that this reads is empty: it needs a first line with the names of its columns.',
  },
  {
    // The names of a header that is not split are columns to DuckDB's advice alone.
    pattern: /Referenced column "([^"]+)" not found[^\n]*\s+Candidate bindings:[^\n]*"\1"/,
    hint: 'The CSV file is read as one single column, as its lines have more or fewer values than its first line has names: correct the file.',
  },
  {
    pattern:
      /^Binder Error: (No function matches|Could not choose a best candidate|Cannot (compare|mix) values of type)/,
    hint: 'A column has another type than is wanted here. A column of a CSV file is text where one of its values is no number, and where it has no values at all: cast it, for example with `try_cast(x as integer)`, which gives null for a value that does not fit.',
  },
  {
    pattern: /^Parser Error/,
    hint: 'Look at the SQL just before that place. A column that is called like a SQL keyword (`order`, `at`) goes in double quotes.',
  },
  {
    pattern: /^Catalog Error: Table with name .* does not exist/,
    hint: 'Models are read with `ref`, sources with `source`; a source needs its `schema` or its `files` in config/scoreline.yml.',
  },
  {
    pattern: /Ambiguous reference to catalog or schema/,
    hint: 'DuckDB calls a database by the name of its file, and here a schema has the same name: rename the file and `path` of the target, or the schema.',
  },
  {
    pattern: /^Conversion Error|^Out of Range Error/,
    hint: 'Leave the row out with WHERE, or use `try_cast(x as type)`, which gives null for a value that does not fit.',
  },
  {
    pattern: /^(TransactionContext|Transaction) Error|write-write conflict/,
    hint: 'Another statement changed the same rows at that moment; run the command again.',
    retryable: true,
  },
  {
    pattern: /Read-only file system|Permission denied|read-only mode/,
    hint: 'Scoreline writes to the DuckDB file and its folder; give this user the right to, or name another `path`.',
  },
  {
    pattern: /^(FATAL|INTERNAL) Error/,
    hint: 'This is a fault inside DuckDB: run the command again, and report it to DuckDB if it stays.',
  },
];

/** Wraps what DuckDB threw at a statement. `statement` is the text that was sent; absent where no statement was. */
export function duckDbRefusal(
  cause: unknown,
  statement: CompiledSql | undefined,
  options: StatementOptions | undefined,
): ScorelineError {
  const text = textOf(cause);
  const known = knownErrors.find((error) => error.pattern.test(text));
  const refusal: Refusal = {
    message: wordsOf(text),
    hint: known?.hint,
    retryable: known?.retryable ?? false,
    cause,
    excerpt: statement === undefined ? undefined : excerptOf(text, statement.text),
  };
  return refusalError('DuckDB', refusal, options);
}

/** Wraps what DuckDB threw when it opened a file. */
export function duckDbOpenError(cause: unknown, path: string): ScorelineError {
  const text = textOf(cause);
  const lock = /Conflicting lock is held in (.*) \(PID (\d+)\)/.exec(text);
  if (lock !== null || /Could not set lock on file/.test(text)) {
    const [, program = 'unknown program', pid = 'unknown'] = lock ?? [];
    return new ScorelineError('RUN_BUSY', `${path} is in use by process ${pid} (${program}).`, {
      hint: 'One process at a time may open a DuckDB file: wait until that one is done (`--wait 10m` does), or close it, then run again.',
      details: { path, processId: lock === null ? null : Number(pid) },
      cause,
    });
  }
  const open = (message: string, hint: string) =>
    new ScorelineError('WAREHOUSE_UNREACHABLE', message, { hint, retryable: false, details: { path }, cause });
  if (/not a valid DuckDB database file|Is a directory/.test(text)) {
    return open(`${path} is no DuckDB database file.`, 'Name another `path` in the target, or move that file away.');
  }
  const version = /version number (\d+)/.exec(text);
  if (version !== null) {
    return open(
      `${path} has DuckDB's storage version ${version[1]}, which this DuckDB cannot read: ${wordsOf(text)}`,
      'A newer DuckDB wrote it: use a newer Scoreline, or export the file with that DuckDB and build it again.',
    );
  }
  if (/Corrupt database file|checksum|Serialization Error/.test(text)) {
    return open(
      `${path} is damaged: ${wordsOf(text)}`,
      'Restore it from a backup, or move it away: models are built again, but what HubSpot accepted is then unknown.',
    );
  }
  if (/Failed to set config/.test(text)) {
    return open(
      `DuckDB does not accept \`memory_limit\` or \`threads\` of the target.`,
      'Write `memory_limit` like 2GB and `threads` as a whole number from 1.',
    );
  }
  const known = knownErrors.find((error) => error.pattern.test(text));
  return open(`DuckDB cannot open ${path}: ${wordsOf(text)}`, known?.hint ?? 'Check `path` of the target.');
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A value in it may be as long as a row's. */
const maxWords = 600;

/**
 * DuckDB's words without its excerpt of the statement, its advice on settings that users of Scoreline do not have, the
 * functions that it knows, and the row of a CSV file (it may hold personal data).
 */
function wordsOf(text: string): string {
  const file = /^\s+file = (.*)$/m.exec(text)?.[1];
  const [words = ''] = text.split(
    /\n+LINE \d+:|\n+Possible [Ss]olutions?:|\n+\s+file = |\n+\s*Candidate functions:|\n+See also|\n+Database is launched/,
  );
  const kept = words
    .replace(/^Original Line: .*\n/m, '')
    .replace(/\s+/g, ' ')
    .trim();
  const short = kept.length > maxWords ? `${kept.slice(0, maxWords / 2)} … ${kept.slice(-maxWords / 2)}` : kept;
  return file === undefined ? short : `${short} (in ${file})`;
}

/** `LINE 3: where x = 1` and a caret below it. DuckDB cuts long lines, so the line itself is taken from the statement. */
function excerptOf(text: string, statement: string): Refusal['excerpt'] {
  const match = /\n(LINE (\d+): )(.*)\n( *)\^/.exec(text);
  if (match === null) return undefined;
  const [, label = '', number = '', shown = '', indent = ''] = match;
  const line = statement.split('\n')[Number(number) - 1];
  if (line === undefined) return undefined;
  const caret = indent.length - label.length;
  // Of a qualified name, its last part: the others are often aliases of ours.
  const word = /^(?:"?[\p{L}\p{N}_]+"?\.)*['"]?([\p{L}_][\p{L}\p{N}_]*)/u.exec(shown.slice(caret))?.[1];
  // Whoever wrote `source('app', 'users')` does not look for a function of ours; the words name the file.
  if (word !== undefined && /^read_(csv|parquet|json)/.test(word)) return undefined;
  const isStart = line.startsWith(shown.replace(/\.\.\.$/, ''));
  return { text: line, column: isStart ? caret + 1 : undefined, word };
}
