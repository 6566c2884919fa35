import { ScorelineError } from '../errors/scoreline-error.ts';
import { systemReason } from '../project/files/read-text-file.ts';

/**
 * What to throw where a folder named on the command line cannot be written.
 * @param cause what Node threw; anything but a refusal of the operating system is thrown as it is
 */
export function unwritable(dir: string, cause: unknown): ScorelineError {
  if (cause instanceof ScorelineError) return cause;
  return new ScorelineError('USAGE_INVALID', `Cannot write into ${dir}: ${systemReason(cause)}`, {
    hint: 'Name a folder that you may write to.',
    cause,
  });
}
