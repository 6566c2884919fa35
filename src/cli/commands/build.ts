import type { Command } from '../command.ts';
import { painterFor } from '../render/painter.ts';
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
  options: waitOption,
  examples: [
    ['build', 'every model, in order'],
    ['build +lead_score', 'lead_score and all that it reads'],
    ['build tag:growth path:models/staging', 'what is tagged growth, and a folder'],
  ],
  async run(args, session) {
    const [{ buildSelected }, { renderBuild }] = await Promise.all([
      import('../../operations/build-selected.ts'),
      import('../render/render-build.ts'),
    ]);
    const { models } = await buildSelected(await session.workspace(), (args.models as string[] | undefined) ?? []);
    return { text: renderBuild(models, painterFor(session.io.stdout, session.io.env)), json: { models } };
  },
};
