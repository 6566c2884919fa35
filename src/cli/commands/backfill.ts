import type { Command } from '../command.ts';
import { formatCounted } from '../render/format.ts';
import { waitOption } from '../wait-option.ts';

export const backfillCommand: Command = {
  usage: 'backfill <model>',
  summary: 'Fill the score history of a model for past dates',
  positionals: { model: { describe: 'Name of a scored model' } },
  options: {
    from: { type: 'string', demandOption: true, requiresArg: true, describe: 'The first instant, as for --as-of' },
    to: { type: 'string', demandOption: true, requiresArg: true, describe: 'The last instant at most, as for --as-of' },
    every: { type: 'string', default: '1d', requiresArg: true, describe: 'From one instant to the next: 1d, 7d, 2w' },
    ...waitOption,
  },
  examples: [
    ['backfill lead_score --from 2026-01-01 --to 2026-06-30 --every 7d', 'one build a week, as it was known then'],
  ],
  async run(args, session) {
    const { backfillModel } = await import('../../operations/backfill-model.ts');
    const filled = await backfillModel(await session.workspace(), {
      model: String(args.model),
      from: String(args.from),
      to: String(args.to),
      every: String(args.every),
    });
    const { model, models, dates, resumed, recordedFrom, rows, hindsight } = filled;
    const lines = [
      `${model}: ${formatCounted(dates.length, 'instant')} built, ${formatCounted(rows, 'row')} of history in the range.`,
      ...(resumed > 0 ? [`Went on after ${formatCounted(resumed, 'instant')} that were built before.`] : []),
      ...(recordedFrom === null ? [] : [`From ${recordedFrom} on the history was recorded at the time; it stays.`]),
    ];
    return {
      text: lines.join('\n'),
      json: { model, models, dates, resumed, recorded_from: recordedFrom, rows, not_point_in_time: hindsight },
      warnings: hindsight.map(({ message }) => message),
    };
  },
};
