import type { Command } from '../command.ts';
import { painterFor } from '../render/painter.ts';
import { renderExplanation } from '../render/render-explanation.ts';

export const explainCommand: Command = {
  usage: 'explain <model> <key>',
  summary: 'Show why a score is what it is: every rule, its events, its points',
  positionals: { model: { describe: 'Name of a scorecard' }, key: { describe: "The entity's key" } },
  options: {
    events: {
      type: 'number',
      default: 5,
      requiresArg: true,
      describe: 'The newest so many events of each rule are shown',
    },
  },
  examples: [
    ['explain lead_score P118', "one lead's score, line by line"],
    ['explain lead_score P118 --as-of 2026-06-30 --events 20', 'as it was on that day, with more events'],
  ],
  async run(args, session) {
    const { explainScore } = await import('../../operations/explain-score.ts');
    const explained = await explainScore(
      await session.workspace(),
      args.model as string,
      String(args.key),
      args.events as number,
    );
    return {
      text: renderExplanation(explained, painterFor(session.io.stdout, session.io.env)),
      json: { ...explained },
    };
  },
};
