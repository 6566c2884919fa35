import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OpenProject } from '../support/open-project.ts';
import type { ProjectFiles } from '../support/project-files.ts';
import { testWarehouse } from '../support/temp-warehouse.ts';

/*
 * Random events, late ones, deletions, attributes and moves of the clock, build after build. A plain count of what each rule
 * sees says what the cause of a row must be.
 */

const files: ProjectFiles = {
  'config/scoreline.yml': `
version: 1
project: history
timezone: UTC
default_target: test
entities: { lead: { relation: raw.leads, key: lead_id } }
targets:
  test: { warehouse: { type: duckdb, path: .scoreline/test.duckdb }, hubspot: { sandbox: true }, schema: scoreline }
`,
  'models/lead_score.yml': `
kind: scorecard
entity: lead
round: none
rules:
  - { id: web, events: raw.logins, at: happened_at, where: "device = 'web'", within: 10d, points: 8, decay: { half_life: 5d } }
  - { id: paid, events: raw.logins, at: happened_at, within: 36h, points: amount, limit: 9 }
  - { id: once, events: raw.logins, at: happened_at, within: 4d, count: once, points: 3 }
  - { id: silent, no_events: raw.logins, at: happened_at, within: 6d, points: -5 }
  - { id: senior, when: "level > 2", points: 10 }
tiers: [{ name: hot, at: 12 }, { name: warm, at: 4 }, { name: cold }]
`,
};

const hour = 3_600_000;
const day = 24 * hour;
const start = Date.parse('2026-03-01T06:00:00Z');

interface Login {
  readonly lead: number;
  readonly at: number;
  readonly device: string;
  readonly amount: number;
}

interface Data {
  readonly logins: readonly Login[];
  readonly levels: Readonly<Record<number, number>>;
}

type Step =
  | { readonly kind: 'login'; readonly login: Omit<Login, 'at'>; readonly hoursAgo: number }
  | { readonly kind: 'delete'; readonly index: number }
  | { readonly kind: 'amount'; readonly index: number; readonly amount: number }
  | { readonly kind: 'level'; readonly lead: number; readonly level: number };

const lead = fc.constantFrom(1, 2, 3);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('login' as const),
      login: fc.record({ lead, device: fc.constantFrom('web', 'ios'), amount: fc.constantFrom(1, 4, 20) }),
      hoursAgo: fc.oneof(fc.integer({ min: -30, max: 60 }), fc.integer({ min: 0, max: 400 })),
    }),
  },
  fc.record({ kind: fc.constant('delete' as const), index: fc.nat(20) }),
  fc.record({ kind: fc.constant('amount' as const), index: fc.nat(20), amount: fc.constantFrom(1, 4, 20) }),
  fc.record({ kind: fc.constant('level' as const), lead, level: fc.constantFrom(1, 2, 3, 4) }),
);
interface Turn {
  readonly hours: number;
  readonly steps: readonly Step[];
}

const turn: fc.Arbitrary<Turn> = fc.record({
  hours: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 30 }), fc.integer({ min: 24, max: 150 })),
  steps: fc.array(step, { maxLength: 3 }),
});

function change({ logins, levels }: Data, made: Step, now: number): Data {
  switch (made.kind) {
    case 'login':
      return { logins: [...logins, { ...made.login, at: now - made.hoursAgo * hour }], levels };
    case 'delete':
      return { logins: logins.filter((_, index) => index !== made.index), levels };
    case 'amount':
      return {
        logins: logins.map((login, index) => (index === made.index ? { ...login, amount: made.amount } : login)),
        levels,
      };
    case 'level':
      return { logins, levels: { ...levels, [made.lead]: made.level } };
  }
}

/** Age in calendar days, or in hours. */
const windows = [
  { rule: 'web', counts: (login: Login, days: number) => login.device === 'web' && days < 10, reads: () => '' },
  {
    rule: 'paid',
    counts: (_: Login, _days: number, hours: number) => hours < 36,
    reads: (login: Login) => login.amount,
  },
  { rule: 'once', counts: (_: Login, days: number) => days < 4, reads: () => '' },
  { rule: 'silent', counts: (_: Login, days: number) => days < 6, reads: () => '' },
];

function countedBy(data: Data, key: number, now: number): readonly { readonly at: number; readonly text: string }[] {
  const today = Math.floor(now / day);
  return data.logins
    .filter((login) => login.lead === key && login.at <= now)
    .flatMap((login) =>
      windows
        .filter(({ counts }) => counts(login, today - Math.floor(login.at / day), (now - login.at) / hour))
        .map(({ rule, reads }) => ({ at: login.at, text: `${rule} ${login.at} ${reads(login)}` })),
    );
}

function seen(data: Data, key: number, now: number): string {
  const events = countedBy(data, key, now).map(({ text }) => text);
  return JSON.stringify([events.sort(), (data.levels[key] ?? 0) > 2]);
}

interface Built {
  readonly now: number;
  readonly data: Data;
}

function hasChanged(before: Built, after: Built, key: number): boolean {
  if (seen(after.data, key, before.now) !== seen(before.data, key, before.now)) return true;
  return countedBy(after.data, key, after.now).some(({ at }) => at > before.now);
}

async function write(project: OpenProject, { logins, levels }: Data): Promise<void> {
  const time = (at: number) => `timestamptz '${new Date(at).toISOString()}'`;
  const rows = logins.map(({ lead: of, at, device, amount }) => `(${of}, ${time(at)}, '${device}', ${amount})`);
  const people = Object.entries(levels).map(([key, level]) => `(${key}, ${level})`);
  const texts = [
    'create schema if not exists raw',
    'drop table if exists raw.logins',
    'drop table if exists raw.leads',
    'create table raw.logins (lead_id integer, happened_at timestamptz, device varchar, amount integer)',
    'create table raw.leads (lead_id integer, level integer)',
    `insert into raw.leads values ${people.join(', ')}`,
    ...(rows.length === 0 ? [] : [`insert into raw.logins values ${rows.join(', ')}`]),
  ];
  await project.warehouse.script(texts.map((text) => ({ text, binds: [] })));
}

const live = `select cast(lead_id as varchar) as key, cast(score as varchar) as score, tier,
  concat_ws(' ', points__web, points__paid, points__once, points__silent, points__senior) as points
from scoreline.lead_score order by 1`;
const recorded = `select key, as_of, cause, cast(score as varchar) as score, tier,
  concat_ws(' ', points->>'web', points->>'paid', points->>'once', points->>'silent', points->>'senior') as points
from (select model, key, as_of, cause, score, tier, cast(points as json) as points from scoreline.score_history) as history
order by key, as_of`;

interface Recorded {
  readonly now: number;
  readonly cause: string;
  readonly row: string;
}

/** What a rule reads of an event matters while that rule counts it, whatever others do: here `paid` for 36 hours. */
const changedWhereNoRuleReads: Turn[] = [
  {
    hours: 0,
    steps: [
      { kind: 'login', login: { lead: 1, device: 'web', amount: 1 }, hoursAgo: 0 },
      { kind: 'login', login: { lead: 1, device: 'web', amount: 20 }, hoursAgo: 36 },
    ],
  },
  { hours: 24, steps: [{ kind: 'amount', index: 1, amount: 1 }] },
];

let project: OpenProject;
beforeAll(async () => {
  project = await OpenProject.open(files);
});
afterAll(() => project.close());

test('every row of the history has the cause that a plain count of events and attributes gives it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(turn, { minLength: 2, maxLength: 6, size: 'max' }), async (turns) => {
      await project.warehouse.script([{ text: 'drop schema if exists scoreline cascade', binds: [] }]);
      let before: Built | null = null;
      let now = start;
      let data: Data = { logins: [], levels: { 1: 1, 2: 3, 3: 2 } };
      const expected = new Map<string, Recorded[]>();
      for (const { hours, steps } of turns) {
        now += hours * hour;
        data = steps.reduce((changed, made) => change(changed, made, now), data);
        await write(project, data);
        const instant = new Date(now).toISOString();
        await project.build([], { asOf: { instant, day: instant.slice(0, 10) } });
        const after: Built = { now, data };
        for (const { key, ...values } of await project.query(live)) {
          const row = JSON.stringify(values);
          const rows = expected.get(String(key)) ?? [];
          const earlier = rows.filter((each) => each.now < now);
          const same = rows.find((each) => each.now === now);
          const moved = before !== null && hasChanged(before, after, Number(key));
          const kept = same === undefined || same.cause === 'first' ? 'time' : same.cause;
          const cause = earlier.length === 0 ? 'first' : moved ? 'behaviour' : kept;
          const isChange = earlier.at(-1)?.row !== row;
          expected.set(String(key), isChange ? [...earlier, { now, cause, row }] : earlier);
        }
        before = after;
      }
      const found = new Map<string, Recorded[]>();
      for (const { key, as_of: asOf, cause, ...values } of await project.query(recorded)) {
        const row = { now: Date.parse(String(asOf)), cause: String(cause), row: JSON.stringify(values) };
        found.set(String(key), [...(found.get(String(key)) ?? []), row]);
      }
      expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
      // Replayed, the history ends at the live table.
      for (const { key, ...values } of await project.query(live)) {
        expect(found.get(String(key))?.at(-1)?.row).toBe(JSON.stringify(values));
      }
    }),
    // A server takes several times as long as a file.
    { numRuns: testWarehouse() === 'duckdb' ? 12 : 4, examples: [[changedWhereNoRuleReads]] },
  );
});
