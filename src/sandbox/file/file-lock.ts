import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { ScorelineError } from '../../errors/scoreline-error.ts';

/**
 * Keeps two sandboxes from writing one file. The lock is a file beside it that names the process; that of a process
 * which is gone is taken over.
 * @returns a function that gives the lock back
 * @throws ScorelineError RUN_BUSY naming the other process
 */
export function lockFile(path: string): () => void {
  const lockPath = `${path}.lock`;
  if (!tryToLock(lockPath)) {
    const holder = Number(readFileSync(lockPath, 'utf8'));
    if (isAlive(holder)) {
      throw new ScorelineError('RUN_BUSY', `Process ${holder} runs a sandbox on ${path}.`, {
        hint: `End it first, or use another file. If process ${holder} is something else, delete ${lockPath}.`,
        details: { path, processId: holder },
      });
    }
    rmSync(lockPath, { force: true });
    if (!tryToLock(lockPath)) throw new ScorelineError('RUN_BUSY', `Another process just began a sandbox on ${path}.`);
  }
  return () => rmSync(lockPath, { force: true });
}

function tryToLock(lockPath: string): boolean {
  try {
    writeFileSync(lockPath, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** A sandbox of this very process counts as alive. */
function isAlive(processId: number): boolean {
  if (!Number.isInteger(processId) || processId <= 0) return false;
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
