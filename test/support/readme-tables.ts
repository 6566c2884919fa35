import { type ErrorEntry, errorRegistry } from '../../src/errors/registry.ts';
import { type StateTable, stateTables } from '../../src/state/tables.ts';

/** The README's tables that are made from code, by the name of the comment that opens them. */
export const readmeTables = { errors: errorTable(), state: stateChapter() } as const;

function errorTable(): string {
  const rows = Object.entries<ErrorEntry>(errorRegistry)
    .sort(([, a], [, b]) => a.exitCode - b.exitCode)
    .map(([code, { exitCode, meaning }]) => `| ${exitCode} | \`${code}\` | ${meaning} |`);
  return ['| exit | code | meaning |', '| --- | --- | --- |', ...rows].join('\n');
}

function stateChapter(): string {
  const rows = Object.entries<StateTable>(stateTables).map(
    ([name, { grain, columns }]) => `| \`${name}\` | ${grain} | ${columns.map((column) => column.name).join(', ')} |`,
  );
  return ['| table | a row is | columns |', '| --- | --- | --- |', ...rows].join('\n');
}

/** The README's text between `<!-- name -->` and `<!-- /name -->`. */
export function between(text: string, name: string): string {
  const [, rest = ''] = text.split(`<!-- ${name} -->\n`);
  return rest.split(`\n<!-- /${name} -->`)[0] ?? '';
}
