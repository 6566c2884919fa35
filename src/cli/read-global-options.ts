import type { Options } from 'yargs';
import { ScorelineError } from '../errors/scoreline-error.ts';
import type { Arguments, Command } from './command.ts';
import { type GlobalOptions, globalOptions, type LogLevel } from './global-options.ts';

/**
 * @param args as yargs parsed and checked them for this command
 * @throws USAGE_INVALID for an option given twice: which of the values counts must not be a guess
 */
export function readGlobalOptions(args: Arguments, command: Command): GlobalOptions {
  const options: Readonly<Record<string, Options>> = { ...globalOptions, ...command.options };
  const twice = Object.keys(options).filter((name) => Array.isArray(args[name]) && options[name]?.array !== true);
  if (twice.length > 0) {
    throw new ScorelineError('USAGE_INVALID', `${twice.map((name) => `--${name}`).join(', ')} is given twice`, {
      hint: 'Give it once.',
    });
  }
  return {
    projectDir: args['project-dir'] as string,
    target: args.target as string | undefined,
    asOf: args['as-of'] as string | undefined,
    param: (args.param as string[] | undefined) ?? [],
    output: args.output as GlobalOptions['output'],
    logLevel: args['log-level'] as LogLevel,
    logFormat: args['log-format'] as GlobalOptions['logFormat'],
    yes: args.yes === true,
    wait: args.wait as string | undefined,
  };
}
