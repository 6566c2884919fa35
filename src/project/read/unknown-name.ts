import { didYouMean } from '../../errors/did-you-mean.ts';
import type { Problem } from '../../errors/scoreline-error.ts';

/** What is wrong with a name that nobody knows. */
export type Unknown = Pick<Problem, 'message' | 'hint'>;

/** @returns null if the name is known */
export function unknownName(what: string, name: string, known: readonly string[]): Unknown | null {
  return known.includes(name) ? null : { message: `unknown ${what} \`${name}\``, hint: didYouMean(name, known) };
}

/** @returns null if the source has the table */
export function unknownTable(source: string, table: string, known: readonly string[]): Unknown | null {
  if (known.includes(table)) return null;
  return { message: `source \`${source}\` has no table \`${table}\``, hint: didYouMean(table, known) };
}
