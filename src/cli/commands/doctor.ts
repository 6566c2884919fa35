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
      error: findings.find(({ error }) => error !== undefined)?.error,
    };
  },
};
