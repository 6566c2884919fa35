import { relative } from 'node:path';
import type { Command } from '../command.ts';
import { formatCounted } from '../render/format.ts';

export const initCommand: Command = {
  usage: 'init [dir]',
  summary: 'Make a small project that runs at once',
  positionals: { dir: { describe: 'Folder to make', defaultDescription: 'this one' } },
  examples: [
    ['init my-project', 'make my-project/ with models, syncs and a few hundred rows of made-up data'],
    ['init', 'make the project in this folder, which must be empty'],
  ],
  async run(args, { io, path }) {
    const { initProject } = await import('../../operations/init-project.ts');
    const dir = path((args.dir as string | undefined) ?? '.');
    const { files, exampleLead } = await initProject(dir, io.now());
    const place = relative(io.cwd, dir) || '.';
    const text = [
      `Made ${formatCounted(files.length, 'file')} in ${place === '.' ? 'this folder' : place}`,
      '',
      'Next:',
      ...(place === '.' ? [] : [`  cd ${place}`]),
      '  scoreline plan                       what would be sent to HubSpot: a local one, made up for you',
      '  scoreline run                        send it',
      `  ${`scoreline explain lead_score ${exampleLead}`.padEnd(35)}  why a score is what it is`,
    ].join('\n');
    return { text, json: { dir, files } };
  },
};
