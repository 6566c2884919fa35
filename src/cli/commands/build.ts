import type { Scratch } from '../../operations/place-build.ts';
import type { Command } from '../command.ts';
import { painterFor } from '../render/painter.ts';
import { renderSpending } from '../render/render-spending.ts';
import { snakeKeys } from '../render/snake-keys.ts';
import { waitOption } from '../wait-option.ts';

export const buildCommand: Command = {
  usage: 'build [models..]',
  summary: 'Build and test models in the warehouse',
  positionals: {
    models: {
      describe: "dbt's selectors: name, +name, name+, tag:x, path:models/x",
      array: true,
      defaultDescription: 'all',
    },
  },
  options: {
    ...waitOption,
    'full-refresh': {
      type: 'boolean',
      default: false,
      describe: 'Build cards with `incremental` from all events, and keep their sums of days anew',
    },
  },
  examples: [
    ['build', 'every model, in order'],
    ['build +lead_score', 'lead_score and all that it reads'],
    ['build tag:growth path:models/staging', 'what is tagged growth, and a folder'],
    ['build lead_score --full-refresh', 'from all events, where `incremental` keeps sums of their days'],
    ['build --as-of 2026-01-31', 'the scores as they were known then, in a schema of their own'],
  ],
  async run(args, session) {
    const [{ buildSelected }, { renderBuild }] = await Promise.all([
      import('../../operations/build-selected.ts'),
      import('../render/render-build.ts'),
    ]);
    const built = await buildSelected(await session.workspace(), (args.models as string[] | undefined) ?? [], {
      fullRefresh: args['full-refresh'] === true,
    });
    const { models, scratch } = built;
    const paint = painterFor(session.io.stdout, session.io.env);
    const made = [renderBuild(models, paint), renderSpending(session.spent(), paint)].join('\n');
    return {
      text: [made, ...scratchInWords(scratch)].join('\n\n'),
      json: { models: models.map(snakeKeys), scratch: scratch && scratchAsJson(scratch) },
      warnings: scratch?.hindsight.map(({ message }) => message),
    };
  },
};

function scratchInWords(scratch: Scratch | null): readonly string[] {
  if (scratch === null) return [];
  const { schema, asOf, liveAsOf } = scratch;
  return [
    `  As of ${asOf}, in the schema ${schema}. The live scores, as of ${liveAsOf}, and their history are as they were.`,
  ];
}

function scratchAsJson({ schema, asOf, liveAsOf, hindsight }: Scratch) {
  return { schema, as_of: asOf, live_as_of: liveAsOf, not_point_in_time: hindsight };
}
