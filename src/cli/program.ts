import { readFileSync } from 'node:fs';
import yargs, { type Argv } from 'yargs';
import { ScorelineError } from '../errors/scoreline-error.ts';
import type { Arguments, Command, CommandResult } from './command.ts';
import { commands, plannedCommands } from './commands/index.ts';
import { type GlobalOptions, globalOptions } from './global-options.ts';
import type { Io } from './io.ts';
import { painterFor } from './render/painter.ts';
import { errorAsJson, exitCodeOf, renderError } from './render/render-error.ts';
import { openSession } from './session.ts';

/** Version of the JSON objects on stdout; rises when a field changes its meaning or goes. */
export const jsonSchemaVersion = 1;

/**
 * Runs one command line and returns its exit code (design: exit codes). Prints data on `io.stdout` and talk on
 * `io.stderr`; never throws and never ends the process.
 */
export async function runProgram(argv: readonly string[], io: Io): Promise<number> {
  let exitCode = 0;
  const parser = buildParser(async (command, args) => {
    exitCode = await execute(command, args, io);
  });
  try {
    refusePlanned(argv);
    // With a callback yargs hands over the text of --help and --version instead of printing it.
    await parser.parseAsync([...argv], {}, (_error, _args, output) => {
      if (output) io.stdout.write(`${output}\n`);
    });
  } catch (error) {
    io.stderr.write(`${renderError(error, painterFor(io.stderr, io.env))}\n`);
    if (wantsJson(argv, io)) printJson(io, { command: argv[0] ?? null, error });
    exitCode = exitCodeOf(error);
  }
  return exitCode;
}

function buildParser(onCommand: (command: Command, args: Arguments) => Promise<void>): Argv {
  let parser = yargs()
    .scriptName('scoreline')
    .usage('$0 <command>\n\nScores leads and accounts in the warehouse and syncs what changed into HubSpot.')
    .version(packageVersion())
    .options(globalOptions)
    .group(['help', 'version', ...Object.keys(globalOptions)], 'Options everywhere:')
    .parserConfiguration({
      'duplicate-arguments-array': false,
      'greedy-arrays': false,
      'parse-positional-numbers': false,
    })
    .strict()
    .recommendCommands()
    .demandCommand(1, 'Name a command.')
    .wrap(100)
    .exitProcess(false)
    .fail((message, error) => {
      if (error instanceof ScorelineError) throw error;
      if (error && !message) throw error;
      throw new ScorelineError('USAGE_INVALID', message);
    });
  for (const command of commands) {
    parser = parser.command(
      command.usage,
      command.summary,
      (builder) => {
        for (const [name, positional] of Object.entries(command.positionals ?? {})) {
          builder.positional(name, { type: 'string', ...positional });
        }
        builder.options({ ...command.options });
        return builder.epilogue(renderExamples(command));
      },
      async (args) => onCommand(command, args),
    );
  }
  return parser.epilogue(
    'stdout is data and stderr is talk: a terminal gets tables, a pipe gets JSON.\n' +
      'Exit codes: 0 done, 2 command line, 3 project file, 4 warehouse, 5 HubSpot, 6 the data did not pass,\n' +
      '7 rows rejected, 8 busy, 9 partly deferred, 10 the state needs a person, 130 interrupted, 1 a bug.',
  );
}

/** One line for the command and one for what it does: side by side, yargs breaks commands in the middle. */
function renderExamples({ examples }: Command): string {
  return ['Examples:', ...examples.map(([line, what]) => `  scoreline ${line}\n      ${what}`)].join('\n');
}

async function execute(command: Command, args: Arguments, io: Io): Promise<number> {
  const name = command.usage.split(' ')[0] ?? command.usage;
  const options: GlobalOptions = {
    ...(args as unknown as GlobalOptions),
    param: (args.param as string[] | undefined) ?? [],
  };
  const session = await openSession(io, options, name);
  const isText = options.output ? options.output === 'table' : io.stdout.isTTY === true || command.pipeGets === 'text';
  const paint = painterFor(io.stderr, io.env);
  let result: CommandResult | undefined;
  let error: unknown;
  try {
    result = await command.run(args, session);
    error = result.error;
  } catch (thrown) {
    error = thrown;
  }
  session.talk.end();
  if (result && isText && result.text !== '') io.stdout.write(`${result.text}\n`);
  for (const warning of result?.warnings ?? []) io.stderr.write(`${paint.warn('warning:')} ${warning}\n`);
  if (error !== undefined) io.stderr.write(`${renderError(error, paint)}\n`);
  if (!isText || (command.pipeGets === 'text' && options.output === 'json')) {
    printJson(io, {
      command: name,
      runId: result?.runId ?? session.runId,
      warnings: result?.warnings,
      error,
      own: result?.json,
    });
  }
  return error === undefined ? 0 : exitCodeOf(error);
}

interface JsonParts {
  readonly command: string | null;
  readonly runId?: string;
  readonly warnings?: readonly string[];
  readonly error?: unknown;
  readonly own?: Readonly<Record<string, unknown>>;
}

function printJson(io: Io, { command, runId, warnings = [], error, own = {} }: JsonParts): void {
  const object = {
    schema_version: jsonSchemaVersion,
    ok: error === undefined,
    command,
    run_id: runId ?? null,
    warnings,
    error: error === undefined ? null : errorAsJson(error),
    ...own,
  };
  io.stdout.write(`${JSON.stringify(object, null, 2)}\n`);
}

/** Commands of a later version are told apart from misspelt ones. */
function refusePlanned(argv: readonly string[]): void {
  const name = argv.find((word) => !word.startsWith('-'));
  if (name !== undefined && plannedCommands.includes(name) && name === argv[0]) {
    throw new ScorelineError('USAGE_NOT_SUPPORTED', `The command "${name}" is not supported yet`);
  }
}

function wantsJson(argv: readonly string[], io: Io): boolean {
  const at = argv.indexOf('--output');
  const wanted = at >= 0 ? argv[at + 1] : argv.find((word) => word.startsWith('--output='))?.slice('--output='.length);
  return wanted === undefined ? io.stdout.isTTY !== true : wanted === 'json';
}

function packageVersion(): string {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;
}
