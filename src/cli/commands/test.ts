import type { Command } from '../command.ts';
import { painterFor } from '../render/painter.ts';

export const testCommand: Command = {
  usage: 'test [models..]',
  summary: 'Run the unit tests of models: given rows, expected rows; build nothing',
  positionals: {
    models: {
      describe: "dbt's selectors: name, +name, name+, tag:x, path:models/x",
      array: true,
      defaultDescription: 'all',
    },
  },
  examples: [
    ['test', 'every unit test of the project'],
    ['test lead_score', "one model's"],
    ['test +lead_score', 'those of lead_score and of all that it reads'],
  ],
  async run(args, session) {
    const [{ testModels }, { renderTests }, { testError, testsAsJson }] = await Promise.all([
      import('../../operations/test-models.ts'),
      import('../render/render-tests.ts'),
      import('../render/test-outcome.ts'),
    ]);
    const tests = await testModels(await session.workspace(), (args.models as string[] | undefined) ?? []);
    return {
      text: renderTests(tests, painterFor(session.io.stdout, session.io.env)),
      json: testsAsJson(tests),
      error: testError(tests),
    };
  },
};
