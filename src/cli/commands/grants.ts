import type { Command } from '../command.ts';

export const grantsCommand: Command = {
  usage: 'grants',
  summary: 'Print the least rights that the warehouse must give, as statements to run there',
  options: {
    role: {
      type: 'string',
      requiresArg: true,
      describe:
        'Who gets them: a role, on BigQuery a principal such as serviceAccount:… (default: as whom the target works)',
    },
  },
  examples: [
    ['grants --target prod', 'for the role that the target works as'],
    ['grants --target prod --role scoreline | psql', 'for another one, and at once'],
  ],
  pipeGets: 'text',
  async run(args, session) {
    const { listGrants } = await import('../../operations/list-grants.ts');
    const workspace = await session.workspace();
    const grants = listGrants(workspace, (args.role as string | undefined) ?? null);
    const { type } = workspace.target.warehouse;
    if (grants === null) {
      const text = `-- ${type} knows no rights: who may write the file may do everything.`;
      return { text, json: { warehouse: type, role: null, statements: [] } };
    }
    return { text: grants.statements.join('\n'), json: { warehouse: type, ...grants } };
  },
};
