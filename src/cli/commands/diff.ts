import type { Command } from '../command.ts';
import { painterFor } from '../render/painter.ts';
import { snakeKeys } from '../render/snake-keys.ts';
import { wholeNumber } from './whole-number.ts';

const maxMoves = 1000;

export const diffCommand: Command = {
  usage: 'diff <models..>',
  summary: 'Compare an edited model with the live one: who moves, and what a sync would send; change nothing',
  positionals: {
    models: { describe: "Scored models, by dbt's selectors: name, +name, name+, tag:x, path:models/x", array: true },
  },
  options: {
    moves: { type: 'number', default: 10, requiresArg: true, describe: 'So many of the largest moves are shown' },
  },
  hasMarkdown: true,
  examples: [
    ['diff lead_engagement', 'the file as it is now beside the scores as they are, as of the same instant'],
    ['diff lead_engagement --param half_life=7d', 'what another half-life would change'],
    ['diff lead_engagement+', 'with all that is computed from it'],
    ['diff +lead_score --as-of 2026-06-30', 'built anew from the sources on, as of another day'],
    ['diff lead_score --output markdown', 'for a pull request'],
  ],
  async run(args, session) {
    const moves = wholeNumber(args, 'moves', 0, maxMoves);
    const [{ diffModels }, { renderDiff }, { renderDiffMarkdown }] = await Promise.all([
      import('../../operations/diff-model.ts'),
      import('../render/render-diff.ts'),
      import('../render/render-diff-markdown.ts'),
    ]);
    const workspace = await session.workspace();
    const asOfLive = session.options.asOf === undefined;
    const outcome = await diffModels(workspace, args.models as string[], { asOfLive, maxMoves: moves });
    const view = {
      timeZone: workspace.project.timezone,
      params: session.options.param,
      paint: painterFor(session.io.stdout, session.io.env),
    };
    return {
      text: renderDiff(outcome, view),
      markdown: renderDiffMarkdown(outcome, view),
      json: { params: workspace.params, ...(snakeKeys({ ...outcome }) as Readonly<Record<string, unknown>>) },
      warnings: outcome.syncs.flatMap(({ problems }) => problems.map(({ message }) => message)),
    };
  },
};
