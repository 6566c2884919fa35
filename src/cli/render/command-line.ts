import type { GlobalOptions } from '../global-options.ts';

/**
 * A command for the reader to type: with the options of the one just run that decide what it is about, so that it means
 * the same project, target, instant and parameters.
 */
export function commandLine(
  words: readonly string[],
  { projectDir, target, asOf, param }: Pick<GlobalOptions, 'projectDir' | 'target' | 'asOf' | 'param'>,
): string {
  const options = [
    ...(projectDir === '.' ? [] : ['--project-dir', projectDir]),
    ...(target === undefined ? [] : ['--target', target]),
    ...(asOf === undefined ? [] : ['--as-of', asOf]),
    ...param.flatMap((each) => ['--param', each]),
  ];
  return ['scoreline', ...words, ...options].map(quoted).join(' ');
}

/** As a POSIX shell reads it back. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
