import type { Confirm } from '../operations/guard-plans.ts';
import type { Io } from './io.ts';

/** Yes to everything with --yes; a question where stdin and stderr are terminals; else nobody is there. */
export function confirmFor(io: Io, answerYes: boolean): Confirm {
  return async (question) => {
    if (answerYes) return 'yes';
    if (!io.stdinIsTerminal || io.stderr.isTTY !== true) return 'nobody';
    const { confirm } = await import('@clack/prompts');
    const answer = await confirm({
      message: question,
      initialValue: false,
      input: io.stdin,
      output: io.stderr,
      signal: io.interruption,
    });
    return answer === true ? 'yes' : 'no';
  };
}
