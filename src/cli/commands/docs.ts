import type { Command } from '../command.ts';
import { snakeKeys } from '../render/snake-keys.ts';

export const docsCommand: Command = {
  usage: 'docs',
  summary: 'Write how the project scores as a page to share with sales',
  options: {
    out: { type: 'string', requiresArg: true, describe: 'File to write the page to, in Markdown' },
  },
  pipeGets: 'text',
  hasMarkdown: true,
  examples: [
    ['docs', 'points, tiers and HubSpot properties of every score, in Markdown'],
    ['docs --out scores.md --target prod', "in a file, with that target's parameters"],
  ],
  async run(args, session) {
    const [{ documentProject }, { writePage }, { renderDocs }] = await Promise.all([
      import('../../operations/docs/document-project.ts'),
      import('../../operations/docs/write-page.ts'),
      import('../render/render-docs.ts'),
    ]);
    const documented = documentProject(await session.workspace());
    const page = renderDocs(documented);
    const out = args.out as string | undefined;
    if (out !== undefined) writePage(session.path(out), page);
    return {
      text: out === undefined ? page : `Wrote ${out}`,
      json: { ...(snakeKeys(documented) as Readonly<Record<string, unknown>>), file: out ?? null },
    };
  },
};
