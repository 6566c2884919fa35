import { relative } from 'node:path';
import type { Command } from '../command.ts';

export const schemaCommand: Command = {
  usage: 'schema',
  summary: "Write JSON Schemas of the project's files, for editors",
  options: {
    out: {
      type: 'string',
      requiresArg: true,
      describe: 'Folder to write to (default: .scoreline/schemas of the project)',
    },
  },
  examples: [['schema', 'write .scoreline/schemas/{project,model,sync}.schema.json']],
  async run(args, { options, io, path }) {
    const { writeSchemas } = await import('../../operations/write-schemas.ts');
    const out = args.out === undefined ? path(`${options.projectDir}/.scoreline/schemas`) : path(args.out as string);
    const files = await writeSchemas(out);
    return { text: files.map((file) => relative(io.cwd, file)).join('\n'), json: { files } };
  },
};
