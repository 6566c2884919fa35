import { ScorelineError } from '../errors/scoreline-error.ts';
import type { Spending } from '../warehouse/metered-warehouse.ts';
import { type Arguments, type Command, type CommandResult, nameOf } from './command.ts';
import { commandWord } from './command-word.ts';
import type { Io } from './io.ts';
import { parseCommandLine } from './parser.ts';
import { readGlobalOptions } from './read-global-options.ts';
import { painterFor } from './render/painter.ts';
import { errorAsJson, exitCodeOf, renderError } from './render/render-error.ts';
import { spendingAsJson } from './render/render-spending.ts';
import { openSession } from './session.ts';
import { commandNamed } from './usage-error.ts';

/** Version of the JSON objects on stdout; rises when a field changes its meaning or goes. */
export const jsonSchemaVersion = 1;

/**
 * Runs one command line and returns its exit code (design: exit codes). Prints data on `io.stdout` and talk on
 * `io.stderr`; never throws and never ends the process.
 */
export async function runProgram(argv: readonly string[], io: Io): Promise<number> {
  let exitCode = 0;
  try {
    await parseCommandLine(argv, io, async (command, args) => {
      exitCode = await execute(command, args, io);
    });
  } catch (error) {
    const command = commandNamed(commandWord(argv));
    io.stderr.write(`${renderError(error, painterFor(io.stderr, io.env))}\n`);
    if (outputOf(writtenOutput(argv), command, io) === 'json') {
      printJson(io, { command: command ? nameOf(command) : null, error });
    }
    exitCode = exitCodeOf(error);
  }
  return exitCode;
}

async function execute(command: Command, args: Arguments, io: Io): Promise<number> {
  const options = readGlobalOptions(args, command);
  if (options.output === 'markdown' && command.hasMarkdown !== true) {
    throw new ScorelineError('USAGE_INVALID', `\`${nameOf(command)}\` has no --output markdown`, {
      hint: 'Commands that show plans have it: `scoreline plan --output markdown`.',
    });
  }
  const session = await openSession(io, options, nameOf(command));
  const { talk, runId } = session;
  let result: CommandResult | undefined;
  let error: unknown;
  try {
    result = await command.run(args, session);
    error = result.error;
  } catch (thrown) {
    error = thrown;
  }
  error = asInterruption(error, io.interruption);
  talk.end();
  const output = outputOf(options.output, command, io);
  const text = (output === 'markdown' ? result?.markdown : undefined) ?? result?.text ?? '';
  if (output !== 'json' && text !== '') io.stdout.write(`${text}\n`);
  for (const warning of result?.warnings ?? []) talk.warn(warning);
  if (error !== undefined) talk.fail(error);
  if (output === 'json' && result?.json !== null) {
    printJson(io, {
      command: nameOf(command),
      runId,
      warnings: talk.warnings,
      error,
      spent: session.spent(),
      own: result?.json,
    });
  }
  return error === undefined ? 0 : exitCodeOf(error);
}

/** What was waiting when the user interrupted fails with the signal's reason, or with Node's own AbortError. */
function asInterruption(error: unknown, { aborted, reason }: AbortSignal): unknown {
  if (!aborted || error === undefined || error instanceof ScorelineError) return error;
  const isAbort = error === reason || (error instanceof Error && error.name === 'AbortError');
  return isAbort ? new ScorelineError('RUN_INTERRUPTED', 'Interrupted', { cause: error }) : error;
}

function outputOf(written: unknown, command: Command | undefined, io: Io): 'table' | 'json' | 'markdown' {
  if (written === 'table' || written === 'json' || written === 'markdown') return written;
  return io.stdout.isTTY === true || command?.pipeGets === 'text' ? 'table' : 'json';
}

/** Of a command line that yargs did not accept. */
function writtenOutput(argv: readonly string[]): string | undefined {
  const at = argv.indexOf('--output');
  return at >= 0 ? argv[at + 1] : argv.find((word) => word.startsWith('--output='))?.slice('--output='.length);
}

interface JsonParts {
  readonly command: string | null;
  readonly runId?: string;
  readonly warnings?: readonly string[];
  readonly error?: unknown;
  readonly spent?: Spending | null;
  readonly own?: Readonly<Record<string, unknown>>;
}

function printJson(io: Io, { command, runId, warnings = [], error, spent = null, own = {} }: JsonParts): void {
  const object = {
    schema_version: jsonSchemaVersion,
    ok: error === undefined,
    command,
    run_id: runId ?? null,
    warnings,
    error: error === undefined ? null : errorAsJson(error),
    spent: spent && spendingAsJson(spent),
    ...own,
  };
  io.stdout.write(`${JSON.stringify(object, null, 2)}\n`);
}
