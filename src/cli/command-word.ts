import type { Options } from 'yargs';
import { commands } from './commands/index.ts';
import { globalOptions } from './global-options.ts';

const allOptions: Readonly<Record<string, Options>> = Object.assign(
  {},
  globalOptions,
  ...commands.map((command) => command.options ?? {}),
);

/**
 * The word that names the command, whether there is such a command or not: the first one that is neither an option nor
 * an option's value. Needed before yargs has parsed anything, and where it refuses to.
 */
export function commandWord(argv: readonly string[]): string | null {
  for (let index = 0; index < argv.length; index += 1) {
    const word = argv[index] ?? '';
    if (!word.startsWith('-')) return word;
    const option = allOptions[word.slice(2)];
    const takesNext = option !== undefined && option.type !== 'boolean';
    if (takesNext) index += 1;
  }
  return null;
}
