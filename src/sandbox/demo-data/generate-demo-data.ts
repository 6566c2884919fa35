import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CsvTable, demoTables } from './demo-tables.ts';
import { demoScale } from './make-cast.ts';
import { simulateCompany } from './simulate-company.ts';
import { ownDomain } from './vocabulary.ts';

export interface DemoDataOptions {
  /** Absolute; made if missing. Files of the same names are replaced. */
  readonly dir: string;
  /** Another seed gives another company of the same sort. */
  readonly seed?: number;
  /** ISO instant at which the history ends; nothing but a few wrong clocks lies later. */
  readonly asOf?: string;
}

export interface DemoData {
  /** Absolute paths. */
  readonly files: readonly string[];
  /** Rows by table, `page_views` and so on. */
  readonly counts: Readonly<Record<string, number>>;
}

export const demoSeed = 20_260_630;
export const demoAsOf = '2026-06-30T00:00:00Z';

/**
 * Writes the raw tables of a made-up software company as CSV files, `README.txt` beside them: about 5,000 people at 400
 * accounts with 18 months of visits, mails, product use and deals. The same options give the same bytes on every machine.
 */
export async function generateDemoData({ dir, seed = demoSeed, asOf = demoAsOf }: DemoDataOptions): Promise<DemoData> {
  const tables = demoTables(simulateCompany(seed, Date.parse(asOf), demoScale));
  await mkdir(dir, { recursive: true });
  const files: string[] = [];
  for (const table of tables) {
    const path = join(dir, `${table.name}.csv`);
    await writeFile(path, csvText(table));
    files.push(path);
  }
  const readme = join(dir, 'README.txt');
  await writeFile(readme, readmeText(asOf, seed));
  return {
    files: [...files, readme],
    counts: Object.fromEntries(tables.map((table) => [table.name, table.rows.length])),
  };
}

/** RFC 4180, with the header in the first line; null is an empty field. */
export function csvText({ columns, rows }: CsvTable): string {
  const lines = [columns.join(',')];
  for (const row of rows) lines.push(row.map(csvField).join(','));
  lines.push('');
  return lines.join('\n');
}

function csvField(value: string | number | boolean | null): string {
  if (value === null) return '';
  const text = String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function readmeText(asOf: string, seed: number): string {
  return `These files are made up. No person, company, address or event in them is real: a program invented them
(src/sandbox/demo-data, seed ${seed}), and every domain ends in .example, which nobody can register.

The history ends at ${asOf}. Score as of that instant: later, everything has decayed.

They are as messy as real exports: addresses in capitals and with blanks, people who are in twice, missing values,
free-mail domains, competitors, students and our own staff among the people (${ownDomain} is our own domain),
crawlers and monitors among the page views, mail gateways that open and click everything within seconds, rows that come
twice with one id, visitors nobody knows, ids of people who have been deleted, and clocks that run years ahead.

Who buys is not drawn at random: it follows how well an account suits the product and what its people do, as written at
the top of src/sandbox/demo-data/deal-flow.ts. plan and seats have a history (subscriptions.csv), the other columns of
accounts and people are what they are today.
`;
}
