import { ScorelineError } from '../../errors/scoreline-error.ts';
import type { Arguments } from '../command.ts';

/**
 * Reads an option of yargs' type number.
 * @throws USAGE_INVALID for what is no whole number in the range, both ends included
 */
export function wholeNumber(args: Arguments, name: string, min: number, max: number): number {
  const value = args[name];
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  const given = typeof value === 'number' && !Number.isNaN(value) ? `, not ${value}` : '';
  throw new ScorelineError('USAGE_INVALID', `--${name} must be a whole number from ${min} to ${max}${given}`, {
    hint: `Example: --${name} ${Math.max(min, Math.min(max, 10))}`,
  });
}
