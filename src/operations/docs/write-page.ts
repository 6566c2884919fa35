import { writeFileSync } from 'node:fs';
import { ScorelineError } from '../../errors/scoreline-error.ts';
import { systemReason } from '../../project/files/read-text-file.ts';

/**
 * @param path absolute
 * @throws USAGE_INVALID where the file cannot be written
 */
export function writePage(path: string, page: string): void {
  try {
    writeFileSync(path, `${page}\n`);
  } catch (cause) {
    throw new ScorelineError('USAGE_INVALID', `Cannot write the page to ${path}: ${systemReason(cause)}`, {
      hint: 'Name a file in a folder that is there.',
      cause,
    });
  }
}
