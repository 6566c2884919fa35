import type { Command } from '../command.ts';

export const compileCommand: Command = {
  usage: 'compile <model>',
  summary: "Print a model's SQL and bind values for the target",
  positionals: { model: { describe: 'Name of a model' } },
  pipeGets: 'text',
  examples: [
    ['compile lead_score', 'the SQL that `build` runs'],
    ['compile lead_score --param half_life=7d --output json', 'with another parameter, as JSON'],
  ],
  async run(args, session) {
    const { compileModel } = await import('../../operations/compile-model.ts');
    const { model, text, binds } = compileModel(await session.workspace(), args.model as string);
    // JSON has no numbers as large as these.
    const plainBinds = binds.map(({ type, value }) => ({
      type,
      value: typeof value === 'bigint' ? `${value}` : value,
    }));
    const bound = plainBinds.map(({ type, value }, index) => `-- $${index + 1} ${type.kind} ${JSON.stringify(value)}`);
    return {
      text: [text, ...(bound.length > 0 ? ['', ...bound] : [])].join('\n'),
      json: { model, sql: text, binds: plainBinds },
    };
  },
};
