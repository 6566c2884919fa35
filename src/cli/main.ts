import { constants } from 'node:os';
import { ScorelineError } from '../errors/scoreline-error.ts';
import { runProgram } from './program.ts';

/** The only place that reads `process` and ends it. */
export async function main(): Promise<void> {
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // A second signal means: now, whatever is in flight. The next run converges from any point.
      if (interruption.signal.aborted) process.exit(128 + constants.signals[signal]);
      interruption.abort(new ScorelineError('RUN_INTERRUPTED', `Interrupted by ${signal}`));
    });
  }
  let isResultLost = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // `scoreline … | head` closes stdout early; that ends the output, not the work.
    if (error.code === 'EPIPE' || isResultLost) return;
    isResultLost = true;
    process.exitCode = 1;
    process.stderr.write(`error: the result could not be written to stdout: ${error.message}\n`);
  });
  // Nobody is left to be told.
  process.stderr.on('error', () => {});
  const exitCode = await runProgram(process.argv.slice(2), {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    stdinIsTerminal: process.stdin.isTTY === true,
    env: process.env,
    cwd: process.cwd(),
    now: () => new Date(),
    interruption: interruption.signal,
  });
  process.exitCode = exitCode === 0 && isResultLost ? 1 : exitCode;
}
