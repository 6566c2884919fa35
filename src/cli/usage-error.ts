import { closestName, didYouMean } from '../errors/did-you-mean.ts';
import { ScorelineError } from '../errors/scoreline-error.ts';
import { type Command, nameOf } from './command.ts';
import { commands } from './commands/index.ts';
import { globalOptions } from './global-options.ts';

export function commandNamed(word: string | null): Command | undefined {
  return commands.find((command) => nameOf(command) === word);
}

/** @param word what stands where a command should, or null where nothing does */
export function unknownCommand(word: string | null): ScorelineError {
  const names = commands.map(nameOf);
  if (word === null) {
    return new ScorelineError('USAGE_INVALID', 'A command is missing', {
      hint: `Name one of ${names.join(', ')}. New here? \`scoreline init my-project\`.`,
    });
  }
  return new ScorelineError('USAGE_INVALID', `There is no command "${word}"`, { hint: didYouMean(word, names) });
}

/**
 * Says in our words what yargs has to say about a command line.
 * @param message yargs' words, in English
 */
export function usageError(message: string, command: Command, argv: readonly string[]): ScorelineError {
  const help = `\`scoreline ${nameOf(command)} --help\``;
  const refuse = (text: string, hint = `${help} shows what it takes.`) =>
    new ScorelineError('USAGE_INVALID', text, { hint });

  const [, unknown] = /^Unknown (?:arguments?|commands?): (.*)$/.exec(message) ?? [];
  if (unknown !== undefined) return refuse(...unknownWords(unknown.split(', '), command, argv));

  const [, option] = /^Not enough arguments following: (.*)$/.exec(message) ?? [];
  if (option !== undefined) return refuse(`--${option} needs a value`);

  if (message.startsWith('Not enough non-option arguments')) {
    const [example] = command.examples;
    return refuse(`Something is missing: scoreline ${command.usage}`, `Example: scoreline ${example?.[0]}`);
  }
  const choices = [...message.matchAll(/Argument: (.*), Given: (.*), Choices: (.*)/g)];
  if (choices.length > 0) {
    return refuse(choices.map(([, name, given, all]) => `--${name} must be one of ${all}, not ${given}`).join('; '));
  }
  return refuse(message);
}

function unknownWords(words: readonly string[], command: Command, argv: readonly string[]): [string, string?] {
  const known = [...Object.keys(globalOptions), ...Object.keys(command.options ?? {})];
  const options = words.filter((word) =>
    argv.some((typed) => typed.startsWith('-') && typed.replace(/^-+/, '').replace(/=.*$/s, '') === word),
  );
  const others = words.filter((word) => !options.includes(word));
  const text = [
    ...options.map((word) => `There is no option ${word.length === 1 ? '-' : '--'}${word}`),
    ...others.map((word) => `"${word}" is one word too many: scoreline ${command.usage}`),
  ].join('; ');
  const meant = options.flatMap((word) => closestName(word, known) ?? []).map((name) => `\`--${name}\``);
  return meant.length > 0 ? [text, `Did you mean ${meant.join(', ')}?`] : [text];
}
