import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AsOf } from '../../src/sql/types.ts';
import { OpenProject } from '../support/open-project.ts';
import type { ProjectFiles } from '../support/project-files.ts';

/*
 * A build from sums of days must write the history that a build from all events writes, causes included: also where the
 * first build that keeps days follows one that did not, and where nothing but time went by.
 */

const files: ProjectFiles = {
  'config/scoreline.yml': `
version: 1
project: history
timezone: UTC
default_target: test
entities: { lead: { relation: raw.leads, key: lead_id } }
targets:
  test: { warehouse: { type: duckdb, path: .scoreline/test.duckdb }, hubspot: { sandbox: true }, schema: kept }
`,
  'models/lead_score.yml': `
kind: scorecard
entity: lead
round: none
incremental: { loaded_at: loaded_at }
rules:
  - { id: web, events: raw.logins, at: happened_at, where: "device = 'web'", within: 10d, points: 8, decay: { half_life: 5d } }
  - { id: once, events: raw.logins, at: happened_at, within: 4d, count: once, points: 3 }
  - { id: seen, events: raw.logins, at: seen_at, between: [2d, 9d], points: 1 }
  - { id: silent, no_events: raw.logins, at: happened_at, within: 6d, points: -5 }
  - { id: senior, when: "level > 2", points: 10 }
tiers: [{ name: hot, at: 12 }, { name: warm, at: 4 }, { name: cold }]
`,
};

const hour = 3_600_000;
const start = Date.parse('2026-03-01T06:00:00Z');

const login = fc.record({
  lead: fc.constantFrom(1, 2, 3),
  device: fc.constantFrom('web', 'ios'),
  hoursAgo: fc.oneof(fc.integer({ min: -30, max: 60 }), fc.integer({ min: 0, max: 300 })),
});
/** Either loads or deletes: the sums of a day do not tell one event from another of its kind. */
const turn = fc.record({
  hours: fc.oneof(fc.constantFrom(0, 24), fc.integer({ min: 1, max: 30 }), fc.integer({ min: 24, max: 150 })),
  change: fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('load' as const), logins: fc.array(login, { maxLength: 3 }) }),
    },
    fc.constant({ kind: 'delete' as const }),
    fc.record({ kind: fc.constant('level' as const), level: fc.constantFrom(1, 3, 5) }),
  ),
});
type Change = (typeof turn extends fc.Arbitrary<infer T> ? T : never)['change'];

const at = (time: number) => `timestamptz '${new Date(time).toISOString()}'`;

function statementsOf(change: Change, now: number): readonly string[] {
  switch (change.kind) {
    case 'load':
      return change.logins.map(({ lead, device, hoursAgo }) => {
        const happened = now - hoursAgo * hour;
        return `insert into raw.logins values (${lead}, ${at(happened)}, ${at(happened - 5 * hour)}, '${device}', ${at(now)})`;
      });
    case 'delete':
      return [`delete from raw.logins where happened_at between ${at(now - 12 * hour)} and ${at(now)} and lead_id = 1`];
    case 'level':
      return [`update raw.leads set level = ${change.level} where lead_id = 2`];
  }
}

const history = (schema: string) =>
  `select key, as_of, cause, score, tier, points from ${schema}.score_history order by key, as_of`;

test('writes the history of builds in full, with its causes', async () => {
  const project = await OpenProject.open(files);
  const run = (...texts: readonly string[]) => project.warehouse.script(texts.map((text) => ({ text, binds: [] })));
  const property = fc.asyncProperty(
    fc.array(turn, { minLength: 3, maxLength: 7, size: 'max' }),
    fc.nat(2),
    async (turns, keptFrom) => {
      await run(
        ...['kept', 'whole', 'raw'].map((schema) => `drop schema if exists ${schema} cascade`),
        'create schema raw',
        'create table raw.leads as select * from (values (1, 1), (2, 3), (3, 5)) as rows(lead_id, level)',
        'create table raw.logins (lead_id integer, happened_at timestamptz, seen_at timestamptz, device varchar, loaded_at timestamptz)',
      );
      let now = start;
      for (const [index, { hours, change }] of turns.entries()) {
        now += hours * hour;
        await run(...statementsOf(change, now));
        const instant = new Date(now).toISOString();
        const asOf: AsOf = { instant, day: instant.slice(0, 10) };
        await project.build([], { asOf, dailySums: index < keptFrom ? undefined : 'kept' });
        await project.build([], { asOf, schema: 'whole' });
      }
      expect(await project.query(history('kept'))).toEqual(await project.query(history('whole')));
    },
  );
  try {
    await fc.assert(property, { numRuns: 8 });
  } finally {
    await project.close();
  }
});
