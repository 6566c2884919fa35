import type { Command } from '../command.ts';
import { painterFor } from '../render/painter.ts';
import { snakeKeys } from '../render/snake-keys.ts';
import { wholeNumber } from './whole-number.ts';

/** Nobody reads more, and a robot may have millions. */
const maxEvents = 1000;

export const explainCommand: Command = {
  usage: 'explain <model> <key>',
  summary: 'Show why a score is what it is, line by line, and what would move its tier',
  positionals: { model: { describe: 'Name of a scored model' }, key: { describe: "The entity's key" } },
  options: {
    events: {
      type: 'number',
      default: 5,
      requiresArg: true,
      describe: 'So many events of each rule are shown, the newest first, and so many rows of a roll-up',
    },
  },
  examples: [
    ['explain lead_score P136', "one lead's score: every rule, its events, its points"],
    ['explain lead_score P136 --as-of 2026-06-30 --events 20', 'as it was on that day, with more events'],
  ],
  async run(args, session) {
    const events = wholeNumber(args, 'events', 0, maxEvents);
    const [{ explainScore }, { renderExplanation }] = await Promise.all([
      import('../../operations/explain-score.ts'),
      import('../render/render-explanation.ts'),
    ]);
    const workspace = await session.workspace();
    const explained = await explainScore(workspace, args.model as string, String(args.key), events);
    const view = { timeZone: workspace.project.timezone, paint: painterFor(session.io.stdout, session.io.env) };
    return {
      text: renderExplanation(explained, view),
      json: snakeKeys(explained),
    };
  },
};
