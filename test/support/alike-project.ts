import type { ColumnType } from '../../src/sql/types.ts';
import type { Value, Warehouse } from '../../src/warehouse/port.ts';
import type { ProjectFiles } from './project-files.ts';

/*
 * A project that every warehouse must score alike: each kind of rule, of count, of decay and of roll-up, segments, gates,
 * shares, overrides, combinations, in SQL that all of them understand. Its sources are tables of the schema `raw_app`.
 */

const types = {
  text: { kind: 'text' },
  integer: { kind: 'integer' },
  double: { kind: 'double' },
  date: { kind: 'date' },
  timestamp: { kind: 'timestamp' },
  boolean: { kind: 'boolean' },
} as const satisfies Record<string, ColumnType>;

interface SourceTable {
  readonly columns: Readonly<Record<string, keyof typeof types>>;
  readonly rows: readonly (readonly Value[])[];
}

const peoplePerAccount = 3;

function people(): SourceTable['rows'] {
  const domains = ['one.example', 'Two.example ', 'rival.example'];
  return Array.from({ length: 24 }, (_, index) => [
    `P${String(index + 1).padStart(3, '0')}`,
    index % 11 === 10 ? null : `Person${index}@${domains[index % domains.length]}`,
    ['director', 'intern', 'vp', null][index % 4] ?? null,
    index % 7 === 6 ? null : index * 13,
    index % 5 === 4 ? null : `A${Math.floor(index / peoplePerAccount) + 1}`,
    (index % 3) / 3 + 0.1,
    `2025-${String((index % 12) + 1).padStart(2, '0')}-15`,
    index % 2 === 0,
  ]);
}

/** Some events at the same moment, some after `as_of`, some just before a midnight. */
function events(): SourceTable['rows'] {
  return Array.from({ length: 240 }, (_, index) => {
    const day = Date.UTC(2026, 1, 2) - ((index * 7) % 97) * 86_400_000;
    const at = new Date(day - (index % 5) * 3_600_000 - (index % 3 === 0 ? 1 : 0)).toISOString();
    return [
      `E${index}`,
      `P${String(((index * 5) % 23) + 1).padStart(3, '0')}`,
      at,
      ['web', 'ios', null][index % 3] ?? null,
      ['/pricing', '/docs/a?x=1#y', '/', 'https://www.one.example/pricing/eu'][index % 4] ?? null,
      `S${index % 17}`,
      index % 9 === 0 ? null : (index % 13) / 4,
    ];
  });
}

const sources: Readonly<Record<string, SourceTable>> = {
  people: {
    columns: {
      lead_id: 'text',
      email: 'text',
      seniority: 'text',
      seats: 'integer',
      account_id: 'text',
      share: 'double',
      joined_on: 'date',
      is_active: 'boolean',
    },
    rows: people(),
  },
  events: {
    columns: {
      event_id: 'text',
      lead_id: 'text',
      happened_at: 'timestamp',
      device: 'text',
      url: 'text',
      session_id: 'text',
      worth: 'double',
    },
    rows: events(),
  },
  accounts: {
    columns: { account_id: 'text', name: 'text' },
    rows: Array.from({ length: 7 }, (_, index) => [
      `A${index + 1}`,
      ['Ärger & Söhne', "O'Neill", '株式会社'][index % 3] ?? '',
    ]),
  },
};

/** Makes the sources by the port alone. */
export async function loadSources(warehouse: Warehouse, schema = 'raw_app'): Promise<void> {
  const { dialect } = warehouse;
  for (const [name, { columns, rows }] of Object.entries(sources)) {
    const table = { schema, name };
    const typed = Object.entries(columns).map(([column, type]) => ({ name: column, type: types[type] }));
    const nulls = typed.map(
      (column) => `cast(null as ${dialect.compile(dialect.type(column.type)).text}) as ${column.name}`,
    );
    const none = `select ${nulls.join(', ')} from (select 1 as one) as one_row where 1 = 0`;
    await warehouse.createTable(table, { text: none, binds: [] });
    await warehouse.append(table, typed, rows);
  }
}

const of = `events: "{{ ref('events') }}", at: happened_at`;

export const alikeProject: ProjectFiles = {
  'config/scoreline.yml': `
version: 1
project: alike
timezone: UTC
default_target: test
entities:
  lead: { relation: "{{ ref('leads') }}", key: lead_id, belongs_to: { account: account_id } }
  account: { relation: "{{ ref('accounts') }}", key: account_id }
sources:
  app: { schema: raw_app, tables: { people: {}, events: { loaded_at: happened_at, warn_after: 24h }, accounts: {} } }
params: { half_life: 14d, without: nobody }
targets:
  test:
    warehouse: { type: duckdb, path: .scoreline/test.duckdb }
    hubspot: { sandbox: true }
    schema: scoreline
`,
  'sql/leads.sql': `-- One row per lead.
select lead_id, lower(trim(email, ' ')) as email, {{ email_domain('email') }} as email_domain, seniority, seats, account_id,
  share, joined_on, is_active, {{ days_between('joined_on', param('as_of')) }} as days_here,
  {{ hash_bucket('lead_id', 'trial', 10) }} as bucket, {{ safe_divide('seats', 'days_here_divisor') }} as seats_a_day
from (select *, case when seniority = 'vp' then 0 else 7 end as days_here_divisor from {{ source('app', 'people') }}) as p
where lead_id <> {{ param('without') }}
`,
  'models/leads.yml': `sql: sql/leads.sql
key: [lead_id]
columns:
  - { name: email, tests: [unique, { row_count: { min: 1 } }] }
  - { name: seniority, tests: [{ accepted_values: [director, vp, intern] }] }
  - { name: seats, tests: [{ between: { min: 0 } }] }
`.replace(', { row_count: { min: 1 } }', ''),
  'sql/events.sql': `select event_id, lead_id, happened_at, device, {{ url_path('url') }} as path, session_id, worth
from {{ source('app', 'events') }}
`,
  'models/events.yml': 'sql: sql/events.sql\nmaterialize: view\n',
  'sql/accounts.sql': "select account_id, name from {{ source('app', 'accounts') }}\n",
  'models/accounts.yml': 'sql: sql/accounts.sql\nkey: [account_id]\n',
  'sql/by_hand.sql': `select lead_id, case when lead_id = 'P002' then 77.5 end as score, case when lead_id = 'P003' then 'hot' end as tier,
  'signed' as reason
from {{ source('app', 'people') }} where lead_id in ('P002', 'P003')
`,
  'models/by_hand.yml': 'sql: sql/by_hand.sql\nkey: [lead_id]\n',
  'models/lead_score.yml': `
kind: scorecard
entity: lead
range: [-50, 100]
base: 2.5
round: 0.01
groups: { usage: { max: 30.25 }, web: { max: 40, min: -7.5 } }
rules:
  - { id: each, ${of}, where: "device = 'web'", within: 30d, points: 2.3, max_per_day: 2, decay: { half_life: "{{ param('half_life') }}" }, limit: 9, group: usage }
  - { id: best, ${of}, within: 60d, points: worth, count: once, decay: { linear: 45d }, group: usage }
  - { id: pages, ${of}, within: 90d, points: 1, count: { distinct: path }, decay: { every: 30d, by: 50% }, group: web }
  - { id: hours, ${of}, within: 2000h, points: 0.7, decay: { half_life: 300h } }
  - { id: older, ${of}, between: [7d, 70d], points: 1 }
  - { id: often, label: Came often, ${of}, within: 30d, at_least: 2, points: 7 }
  - { id: bands, ${of}, bands: [{ at_least: 1, points: 2 }, { at_least: 9, points: 11 }] }
  - { id: gaps, ${of}, points: 0.5, session: { gap: 300h, measure: pages, at_least: 2 } }
  - { id: visits, ${of}, points: 0.25, session: { by: session_id } }
  - { id: curved, ${of}, points: 1, curve: { half_at: 30 }, limit: 10 }
  - { id: logged, ${of}, points: 1, curve: { log: 2 }, limit: 10 }
  - { id: silent, no_events: "{{ ref('events') }}", at: happened_at, within: 2w, points: -4, repeat: 3w, limit: 20 }
  - { id: left, ${of}, where: "device is null", points: -1.5, recover: { on: "{{ ref('events') }}", at: happened_at, where: "device = 'web'" }, limit: 6 }
  - { id: pricing, ${of}, where: "path like '/pricing%'", within: 90d, points: 3, limit: 12, group: web }
  - { id: director, when: "seniority in ('director', 'vp')", points: 15 }
  - { id: size, value: ln(1 + seats), points: 5, limit: 20 }
segments:
  - { name: large, when: "seats > 100", points: { each: 1, director: 20 } }

disqualify:
  - { id: rival, label: Competitor, when: "{{ email_domain('email') }} = 'rival.example'" }
overrides: by_hand
hysteresis: 3
tiers: [{ name: hot, at: 40 }, { name: warm, at: 20.5 }, { name: cold }]
`,
  'models/lead_fit.yml': `
kind: scorecard
entity: lead
rules:
  - { id: size, value: "sqrt(coalesce(seats, 0))", points: 1.1 }
  - { id: active, when: is_active, points: 3 }
tiers: [{ name: best, top: 5% }, { name: good, top: 30% }, { name: rest }]
`,
  'models/lead_grade.yml': `
kind: combine
entity: lead
inputs: { fit: lead_fit, score: lead_score }
score: "0.4 * fit + 0.6 * score"
round: 0.1
grade: { fit: [12, 6], score: [40, 20] }
tiers: [{ name: top, at: 20 }, { name: low }]
`,
  'models/account_score.yml': `
kind: scorecard
entity: account
rules:
  - { id: total, rollup: lead_score, agg: sum, points: 0.1 }
  - { id: most, rollup: lead_score, agg: max, points: 0.5 }
  - { id: mean, rollup: lead_score, agg: avg, points: 0.3 }
  - { id: three, rollup: lead_score, agg: top_2_avg, points: 0.2 }
  - { id: heads, rollup: lead_score, agg: count, points: 1 }
  - { id: hot, rollup: lead_score, agg: count_where, where: "tier = 'hot'", points: 4, limit: 8 }
  - { id: anyone, rollup: lead_score, agg: noisy_or, weight: share, points: 10 }
  - { id: jobs, rollup: lead_score, agg: { distinct: seniority }, points: 2 }
  - { id: seen, ${of}, within: 60d, points: 0.1, count: { distinct: lead_id } }
tiers: [{ name: busy, at: 20 }, { name: calm }]
`,
  'models/hot_leads.yml':
    "kind: audience\nentity: lead\nfrom: lead_score\nwhere: tier in ('hot', 'warm') and email is not null\n",
  'syncs/contacts.yml': `
object: contacts
model: lead_score
match: { email: email }
mode: mirror
guards: { max_null: off }
properties:
  lead_score: { column: score, type: number, decimals: 1 }
  lead_tier: { column: tier, type: enumeration }
  lead_reasons: { column: reasons, type: string, field: textarea }
  lead_scored_at: { column: as_of, type: datetime, with_changes_only: true }
  seats: { column: seats, type: number }
  joined_on: { column: joined_on, type: date }
  is_active: { column: is_active, type: boolean }
lists: { hot: { name: Hot leads, audience: hot_leads } }
`,
};
