import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calendarDay } from '../../src/project/instant.ts';
import type { AsOf } from '../../src/sql/types.ts';
import type { Warehouse } from '../../src/warehouse/port.ts';
import { OpenProject } from '../support/open-project.ts';
import type { ProjectFiles } from '../support/project-files.ts';
import { randomDailyCard } from '../support/random-daily-card.ts';

/*
 * Build after build, with events that come late, days that are deleted and loaded again, rows that do not say when they
 * were loaded, and builds that fail at the swap: what is kept must lead to the rows of a build in full.
 */

const worlds = [
  { timeZone: 'UTC', start: '2026-02-20T06:00:00Z', timeType: 'timestamptz', events: "{{ source('raw', 'logins') }}" },
  // The end of summer time repeats an hour of the night, and in Havana midnight itself.
  { timeZone: 'Europe/Berlin', start: '2025-10-22T06:00:00Z', timeType: 'timestamp', events: "{{ ref('inlined') }}" },
  { timeZone: 'America/Havana', start: '2025-10-29T06:00:00Z', timeType: 'timestamptz', events: "{{ ref('viewed') }}" },
] as const;

const files = (timeZone: string): ProjectFiles => ({
  'config/scoreline.yml': `
version: 1
project: incremental
timezone: ${timeZone}
default_target: test
entities: { lead: { relation: raw.leads, key: lead_id } }
sources: { raw: { schema: raw, tables: { logins: { loaded_at: loaded } } } }
targets:
  test: { warehouse: { type: duckdb, path: .scoreline/test.duckdb }, hubspot: { sandbox: true }, schema: kept }
`,
  'sql/logins.sql': "select * from {{ source('raw', 'logins') }}",
  'models/inlined.yml': 'sql: sql/logins.sql\nmaterialize: inline\n',
  'models/viewed.yml': 'sql: sql/logins.sql\nmaterialize: view\n',
});

const hour = 3_600_000;

interface Login {
  readonly lead: number;
  readonly at: number;
  readonly device: string | null;
  readonly loaded: number | null;
}

type NewLogin = Omit<Login, 'at' | 'loaded'> & { readonly hoursAgo: number; readonly saysWhen: boolean };

type Change =
  | { readonly kind: 'load'; readonly logins: readonly NewLogin[] }
  /** A day is deleted and loaded again, with others in place of what it had. */
  | { readonly kind: 'reload'; readonly daysAgo: number; readonly logins: readonly NewLogin[] }
  | { readonly kind: 'delete'; readonly daysAgo: number };

const newLogin = fc.record({
  lead: fc.constantFrom(1, 1, 2, 3, 99),
  device: fc.constantFrom('web', 'ios', null),
  hoursAgo: fc.oneof({ weight: 3, arbitrary: fc.integer({ min: -30, max: 50 }) }, fc.integer({ min: 0, max: 700 })),
  saysWhen: fc.constantFrom(true, true, true, true, false),
});
const change: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('load' as const),
      logins: fc.array(newLogin, { maxLength: 8, size: 'max' }),
    }),
  },
  fc.record({
    kind: fc.constant('reload' as const),
    daysAgo: fc.integer({ min: 0, max: 25 }),
    logins: fc.array(newLogin, { minLength: 1, maxLength: 3 }),
  }),
  // Beyond the look-back nothing tells of rows that are gone; they may be seen a day before they happened.
  fc.record({ kind: fc.constant('delete' as const), daysAgo: fc.integer({ min: 0, max: 1 }) }),
);
const turn = fc.record({
  hours: fc.oneof(fc.constantFrom(0, 1, 24), fc.integer({ min: 1, max: 30 }), fc.integer({ min: 24, max: 150 })),
  changes: fc.array(change, { maxLength: 3 }),
  build: fc.constantFrom('kept', 'kept', 'kept', 'kept', 'stopped', 'anew', 'none'),
  stopsAfter: fc.nat(12),
});

interface Moment {
  readonly before: number;
  readonly now: number;
  readonly timeZone: string;
}

function changed(logins: readonly Login[], made: Change, { before, now, timeZone }: Moment): readonly Login[] {
  const dayOf = (at: number) => calendarDay(new Date(at).toISOString(), timeZone);
  const loaded = (login: NewLogin, at: number): Login => ({ ...login, at, loaded: login.saysWhen ? now : null });
  switch (made.kind) {
    case 'load':
      return [...logins, ...made.logins.map((login) => loaded(login, now - login.hoursAgo * hour))];
    case 'reload': {
      const day = dayOf(now - made.daysAgo * 24 * hour);
      const again = ({ at, ...old }: Login, index: number): Login => {
        const { lead, device } = made.logins[index % made.logins.length] ?? old;
        return { at, lead, device, loaded: now };
      };
      return logins.map((login, index) => (dayOf(login.at) === day ? again(login, index) : login));
    }
    case 'delete': {
      const day = dayOf(before - made.daysAgo * 24 * hour);
      return logins.filter(({ at }) => dayOf(at) !== day);
    }
  }
}

async function write({ warehouse }: OpenProject, logins: readonly Login[], timeType: string): Promise<void> {
  const time = (at: number | null) => (at === null ? 'null' : `timestamptz '${new Date(at).toISOString()}'`);
  const rows = logins.map(({ lead, at, device, loaded }) => {
    return `(${lead}, ${time(at)}, ${time(at - 20 * hour)}, ${device === null ? 'null' : `'${device}'`}, ${time(loaded)})`;
  });
  const texts = [
    'create schema if not exists raw',
    `create or replace table raw.logins (lead_id integer, happened_at ${timeType}, seen_at ${timeType}, device varchar, loaded ${timeType})`,
    'create or replace table raw.leads as select * from (values (1, 1), (2, 3), (3, 5)) as rows(lead_id, level)',
    ...(rows.length === 0 ? [] : [`insert into raw.logins values ${rows.join(', ')}`]),
  ];
  await warehouse.script(texts.map((text) => ({ text, binds: [] })));
}

/** Stops after so many of the statements that belong to the swap of the scores, and keeps what they did, as not every warehouse takes it back. */
function stoppingAtSwap(warehouse: Warehouse, after: number): Warehouse {
  const swap: Warehouse['swap'] = async (staged, live, options) => {
    if (live.name !== 'lead_score') return warehouse.swap(staged, live, options);
    const done = (options?.before ?? []).slice(0, after);
    const temporary = done.flatMap(({ text }) => /^create temporary table (\S+)/.exec(text)?.[1] ?? []);
    await warehouse.script([
      ...done,
      ...temporary.map((name) => ({ text: `drop table if exists ${name}`, binds: [] })),
    ]);
    throw new Error('stopped');
  };
  return new Proxy(warehouse, {
    get(target, property) {
      if (property === 'swap') return swap;
      const value: unknown = Reflect.get(target, property);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** Days of which there is more than one row, which a later build would count twice. */
async function repeatedDays(project: OpenProject): Promise<readonly unknown[]> {
  const tables = await project.query(
    "select table_name from duckdb_tables() where schema_name = 'kept' and starts_with(table_name, 'daily__')",
  );
  const repeated = tables.map(({ table_name: table }) =>
    project.query(`select entity_key, day from kept."${table}" group by all having count(*) > 1`),
  );
  return (await Promise.all(repeated)).flat();
}

const rowsIn = (schema: string) => `select * from ${schema}.lead_score order by lead_id`;

describe.each(worlds)(
  'a card with `incremental` in $timeZone, over $events',
  ({ timeZone, start, timeType, events }) => {
    it('has the rows of a build in full after every build', async () => {
      const project = await OpenProject.open(files(timeZone));
      const property = fc.asyncProperty(
        randomDailyCard(events),
        fc.constantFrom({}, { loaded_at: 'loaded' }, { lookback: '1w' }),
        fc.array(turn, { minLength: 3, maxLength: 7, size: 'max' }),
        async (card, options, turns) => {
          for (const schema of ['kept', 'whole']) {
            await project.warehouse.script([{ text: `drop schema if exists ${schema} cascade`, binds: [] }]);
          }
          const incremental = Object.keys(options).length === 0 ? true : options;
          let now = Date.parse(start);
          let before = now;
          let logins: readonly Login[] = [];
          for (const { hours, changes, build, stopsAfter } of turns) {
            now += hours * hour;
            logins = changes.reduce((all, made) => changed(all, made, { before, now, timeZone }), logins);
            await write(project, logins, timeType);
            if (build === 'none') continue;
            const instant = new Date(now).toISOString();
            const asOf: AsOf = { instant, day: calendarDay(instant, timeZone) };
            project.write({ 'models/lead_score.yml': JSON.stringify({ ...card, incremental }) });
            if (build === 'stopped') {
              const stopping = stoppingAtSwap(project.warehouse, stopsAfter);
              await expect(project.build([], { asOf, dailySums: 'kept', warehouse: stopping })).rejects.toThrow(
                'stopped',
              );
              before = now;
              continue;
            }
            await project.build([], { asOf, dailySums: build });
            project.write({ 'models/lead_score.yml': JSON.stringify(card) });
            await project.build([], { asOf, schema: 'whole' });
            expect(await project.query(rowsIn('kept'))).toEqual(await project.query(rowsIn('whole')));
            expect(await repeatedDays(project)).toEqual([]);
            before = now;
          }
        },
      );
      try {
        await fc.assert(property, { numRuns: 6 });
      } finally {
        await project.close();
      }
    });
  },
);
