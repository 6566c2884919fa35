import { ScorelineError } from '../../errors/scoreline-error.ts';
import type { Finding } from '../../operations/examine.ts';
import type { Command } from '../command.ts';
import { painterFor } from '../render/painter.ts';
import { renderFindings } from '../render/render-findings.ts';

export const doctorCommand: Command = {
  usage: 'doctor',
  summary: 'Say whether the target works from here: credentials, rights, sources, clocks, scopes and limits',
  examples: [
    ['doctor --target prod', 'before the first run, and when something is odd'],
    ['doctor --output json | jq .findings', 'the same for a script'],
  ],
  async run(_, session) {
    const { examine } = await import('../../operations/examine.ts');
    const findings = await examine(await session.workspace());
    const { io } = session;
    return {
      text: renderFindings(findings, painterFor(io.stdout, io.env)),
      json: { findings: findings.map(({ error, ...finding }) => ({ ...finding, ...(error && { code: error.code }) })) },
      error: summary(findings),
    };
  },
};

/** The lines above say it already; what is left is that, and the exit code of the first. */
function summary(findings: readonly Finding[]): ScorelineError | undefined {
  const errors = findings.flatMap(({ error }) => error ?? []);
  const [first] = errors;
  if (first === undefined) return undefined;
  const failed = errors.length === 1 ? '1 check failed' : `${errors.length} checks failed`;
  return new ScorelineError(first.code, `${failed} of ${findings.length}`, {
    hint: 'The way out stands below each line that says FAIL.',
    cause: first,
  });
}
