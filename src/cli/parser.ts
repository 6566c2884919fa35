import { readFileSync } from 'node:fs';
import yargs from 'yargs';
import { ScorelineError } from '../errors/scoreline-error.ts';
import type { Arguments, Command } from './command.ts';
import { commandWord } from './command-word.ts';
import { commands, plannedCommands } from './commands/index.ts';
import { globalOptions } from './global-options.ts';
import type { Io } from './io.ts';
import { commandNamed, unknownCommand, usageError } from './usage-error.ts';

/** Wider lines are hard to read, however wide the terminal is. */
const maxHelpWidth = 100;

/**
 * Parses a command line and hands its command to `onCommand`, or prints the help that was asked for.
 * @throws USAGE_INVALID, USAGE_NOT_SUPPORTED
 */
export async function parseCommandLine(
  argv: readonly string[],
  io: Io,
  onCommand: (command: Command, args: Arguments) => Promise<void>,
): Promise<void> {
  const word = commandWord(argv);
  const asksForHelp = argv.some((each) => ['--help', '-h', '--version'].includes(each));
  if (word !== null && plannedCommands.includes(word)) {
    throw new ScorelineError('USAGE_NOT_SUPPORTED', `The command "${word}" is not supported yet`);
  }
  const named = commandNamed(word);
  if (named === undefined && (word !== null || !asksForHelp)) throw unknownCommand(word);

  let parser = yargs()
    .scriptName('scoreline')
    .locale('en')
    .usage('$0 <command>\n\nScores leads and accounts in the warehouse and syncs what changed into HubSpot.')
    .version(packageVersion())
    .alias('help', 'h')
    .options(globalOptions)
    .group(['help', 'version', ...Object.keys(globalOptions)], 'Options everywhere:')
    .parserConfiguration({
      'camel-case-expansion': false,
      'greedy-arrays': false,
      'parse-positional-numbers': false,
    })
    .strict()
    .wrap(Math.min(maxHelpWidth, io.stdout.columns || maxHelpWidth))
    .exitProcess(false)
    .fail((message, error) => {
      if (error && (error instanceof ScorelineError || !message)) throw error;
      throw named === undefined ? unknownCommand(word) : usageError(message, named, argv);
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
  parser = parser.epilogue(
    'stdout is data and stderr is talk: a terminal gets tables, a pipe gets JSON.\n' +
      'Exit codes: 0 done, 2 command line, 3 project file, 4 warehouse, 5 HubSpot, 6 the data did not pass,\n' +
      '7 rows rejected, 8 busy, 9 partly deferred, 10 the state needs a person, 130 interrupted, 1 a bug.',
  );
  // With a callback yargs hands over the text of --help and --version instead of printing it.
  await parser.parseAsync([...argv], {}, (_error, _args, output) => {
    if (output) io.stdout.write(`${output}\n`);
  });
}

/** One line for the command and one for what it does: side by side, yargs breaks commands in the middle. */
function renderExamples({ examples }: Command): string {
  return ['Examples:', ...examples.map(([line, what]) => `  scoreline ${line}\n      ${what}`)].join('\n');
}

function packageVersion(): string {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;
}
