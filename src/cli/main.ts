import { constants } from 'node:os';
import { runProgram } from './program.ts';

/** The only place that reads `process` and ends it. */
export async function main(): Promise<void> {
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // A second signal means: now, whatever is in flight. The next run converges from any point.
      if (interruption.signal.aborted) process.exit(128 + constants.signals[signal]);
      interruption.abort(signal);
    });
  }
  // `scoreline … | head` closes stdout early; that ends the output, not the work.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  process.exitCode = await runProgram(process.argv.slice(2), {
    stdout: process.stdout,
    stderr: process.stderr,
    stdinIsTerminal: process.stdin.isTTY === true,
    env: process.env,
    cwd: process.cwd(),
    now: () => new Date(),
    interruption: interruption.signal,
  });
}
