/**
 * Writes the data of the starter project (`src/operations/init-template/data`) with the demo's generator, on a small scale
 * and without the noise. Run it by hand when the generator or the starter's columns change:
 * `node test/support/write-init-data.ts`.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DemoCompany } from '../../src/sandbox/demo-data/demo-company.ts';
import type { CsvTable } from '../../src/sandbox/demo-data/demo-tables.ts';
import { csvText, demoAsOf } from '../../src/sandbox/demo-data/generate-demo-data.ts';
import { simulateCompany } from '../../src/sandbox/demo-data/simulate-company.ts';
import { browsers } from '../../src/sandbox/demo-data/vocabulary.ts';

const scale = {
  accounts: 28,
  atAccounts: 130,
  unaffiliated: 22,
  students: 5,
  competitors: 3,
  staff: 0,
  duplicates: 0,
} as const;

const asOfMs = Date.parse(demoAsOf);
const keptMs = 60 * 86_400_000;

for (const table of starterTables(simulateCompany(7, asOfMs, scale))) {
  await writeFile(
    join(import.meta.dirname, `../../src/operations/init-template/data/${table.name}.csv`),
    csvText(table),
  );
}

function starterTables(company: DemoCompany): readonly CsvTable[] {
  const recent = (at: number) => at < asOfMs && at >= asOfMs - keptMs;
  const sessions = Map.groupBy(company.pageViews, (view) => view.session);
  const people = company.people.filter((person) => person.createdAt < asOfMs);
  const views = company.pageViews.filter(
    (view) =>
      view.person !== null &&
      recent(view.at) &&
      browsers.includes(view.userAgent) &&
      (sessions.get(view.session)?.length ?? 0) < 40,
  );
  return [
    {
      name: 'people',
      columns: [
        'person_id',
        'email',
        'first_name',
        'last_name',
        'job_title',
        'seniority',
        'company',
        'industry',
        'employees',
        'consent',
        'created_at',
      ],
      rows: people.map((person) => [
        person.id,
        person.email,
        person.firstName,
        person.lastName,
        person.title,
        person.missing.has('seniority') ? null : person.seniority,
        person.account?.name ?? null,
        person.account?.industry ?? null,
        person.account?.employees ?? null,
        person.consent === true,
        instant(person.createdAt),
      ]),
    },
    {
      name: 'page_views',
      columns: ['person_id', 'viewed_at', 'url'],
      rows: views.map((view) => [view.person?.id ?? null, instant(view.at), view.url]),
    },
    {
      name: 'form_fills',
      columns: ['person_id', 'filled_at', 'form'],
      rows: company.formFills
        .filter((fill) => fill.person !== null && recent(fill.at))
        .map((fill) => [fill.person?.id ?? null, instant(fill.at), fill.form]),
    },
  ];
}

function instant(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
