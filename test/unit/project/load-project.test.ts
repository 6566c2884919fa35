import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadProject } from '../../../src/project/load-project.ts';
import type { ScorecardModel } from '../../../src/project/model-types.ts';
import type { Project } from '../../../src/project/types.ts';
import { smallProject, writeProject } from '../../support/project-files.ts';

function load(files: Parameters<typeof writeProject>[0]): Project {
  return loadProject({ projectDir: writeProject({ ...smallProject, ...files }), env: {} });
}

function scorecard(project: Project, name: string): ScorecardModel {
  const model = project.models.get(name);
  if (model?.kind !== 'scorecard') throw new Error(`${name} is no scorecard`);
  return model;
}

test('reads the configuration', () => {
  const project = load({});
  expect(project).toMatchObject({
    name: 'small',
    timezone: 'UTC',
    defaultTarget: 'test',
    params: { half_life: '14d' },
  });
  expect(project.entities.get('lead')).toEqual({
    name: 'lead',
    relation: "{{ ref('leads') }}",
    key: 'lead_id',
    belongsTo: {},
  });
  expect(project.sources.get('app')?.tables.get('users')).toEqual({ name: 'users', identifier: 'users' });
  expect(project.targets.get('test')).toEqual({
    name: 'test',
    warehouse: { type: 'duckdb', path: join(project.dir, '.scoreline/test.duckdb'), memoryLimit: '1GB' },
    hubspot: { kind: 'sandbox', statePath: join(project.dir, '.scoreline/test.hubspot.json') },
    propertyPrefix: '',
    schema: 'scoreline',
    sources: new Map([
      [
        'app',
        {
          files: new Map([
            ['users', join(project.dir, 'data/users.csv')],
            ['logins', join(project.dir, 'data/logins.csv')],
          ]),
        },
      ],
    ]),
    params: {},
  });
});

test('reads SQL models with their file', () => {
  const project = load({});
  expect([...project.models.keys()].sort()).toEqual(['hot_leads', 'lead_score', 'leads', 'logins']);
  expect(project.models.get('leads')).toMatchObject({
    kind: 'sql',
    key: ['lead_id'],
    materialize: 'table',
    sql: { path: 'sql/leads.sql', text: smallProject['sql/leads.sql'] },
  });
  expect(project.models.get('logins')).toMatchObject({ kind: 'sql', key: [], materialize: 'inline' });
});

test('reads a scorecard of all rule kinds', () => {
  const card = scorecard(load({}), 'lead_score');
  expect(card).toMatchObject({ entity: 'lead', range: { min: 0, max: 100 }, base: 0, round: 0.01 });
  expect(card.groups).toEqual(new Map([['usage', { name: 'usage', max: 60 }]]));
  expect(card.tiers).toEqual([{ name: 'hot', at: 60 }, { name: 'warm', at: 30 }, { name: 'cold' }]);
  expect(card.rules).toEqual([
    {
      kind: 'event',
      id: 'logged_in',
      label: 'Logged in',
      events: "{{ ref('logins') }}",
      at: 'login_at',
      where: "device = 'web'",
      within: { amount: 30, unit: 'day' },
      count: { kind: 'each' },
      points: 20,
      decay: { kind: 'half_life', halfLife: { param: 'half_life' } },
      group: 'usage',
    },
    {
      kind: 'attribute',
      id: 'director_or_above',
      label: 'Director or above',
      when: "seniority in ('director', 'vp', 'cxo')",
      points: 30,
    },
    {
      kind: 'absence',
      id: 'silent_30_days',
      label: 'Silent 30 days',
      noEvents: ["{{ ref('logins') }}"],
      at: 'login_at',
      within: { amount: 30, unit: 'day' },
      points: -10,
    },
    { kind: 'numeric', id: 'team_size', label: 'Team size', value: 'ln(1 + seats)', points: 5, limit: 20 },
  ]);
});

test('reads counts, decays, points and settings in each of their spellings', () => {
  const card = scorecard(
    load({
      'models/card.yml': `
kind: scorecard
entity: lead
params: { cap: { type: number, default: 5 }, window: { type: duration, default: 2w } }
base: "{{ param('cap') }}"
round: none
rules:
  - { id: a, events: "{{ ref('logins') }}", at: login_at, count: once, points: "{{param(\\"cap\\")}}", decay: { linear: 60d } }
  - { id: b, events: "{{ ref('logins') }}", at: login_at, count: { distinct: device }, points: "2 * 3", decay: { every: 36h, by: 50% } }
  - { id: c, events: x.y, at: login_at, max_per_day: 3, within: "{{ param('window') }}", points: 1.5, decay: { every: 30m, by: 0.25 } }
  - { id: d, no_events: [x.y, "{{ ref('logins') }}"], at: login_at, within: 1w, points: -1, label: Gone quiet }
`,
    }),
    'card',
  );
  expect(card).toMatchObject({ base: { param: 'cap' }, round: 'none', tiers: [], groups: new Map() });
  expect(card.range).toBeUndefined();
  expect(card.rules).toMatchObject([
    { count: { kind: 'once' }, points: { param: 'cap' }, decay: { kind: 'linear', to: { amount: 60, unit: 'day' } } },
    {
      count: { kind: 'distinct', column: 'device' },
      points: { sql: '2 * 3' },
      decay: { kind: 'step', every: { amount: 36, unit: 'hour' }, by: 0.5 },
    },
    {
      maxPerDay: 3,
      within: { param: 'window' },
      points: 1.5,
      decay: { kind: 'step', every: { amount: 30, unit: 'minute' }, by: 0.25 },
    },
    { noEvents: ['x.y', "{{ ref('logins') }}"], within: { amount: 1, unit: 'week' }, label: 'Gone quiet' },
  ]);
});

test('reads audiences from a scored model, named or referred to, and from SQL', () => {
  const { models } = load({
    'models/warm_leads.yml': `kind: audience\nentity: lead\nfrom: "{{ ref('lead_score') }}"\n`,
    'models/picked_leads.yml': 'kind: audience\nentity: lead\nsql: sql/picked.sql\n',
    'sql/picked.sql': 'select lead_id from t',
  });
  const members = (name: string) => models.get(name);
  expect(members('hot_leads')).toMatchObject({ members: { kind: 'from', from: 'lead_score', where: "tier = 'hot'" } });
  expect(members('warm_leads')).toMatchObject({ members: { kind: 'from', from: 'lead_score' } });
  expect(members('picked_leads')).toMatchObject({ members: { kind: 'sql', sql: { path: 'sql/picked.sql' } } });
});

test('reads tests of columns and of models, with their places', () => {
  const model = load({
    'models/leads.yml': `
sql: sql/leads.sql
key: lead_id
columns:
  - name: lead_id
    description: The person
    tests: [unique, not_null]
  - name: seniority
    tests: [{ accepted_values: [vp, intern, 3, true] }]
  - name: seats
    tests: [{ between: { min: 0, max: 1000 } }, { relationship: { to: logins, field: lead_id } }]
tests:
  - row_count: { min: 1 }
  - unique: [lead_id, email]
  - sql: sql/tests/no_orphans.sql
  - sql: select 1 where false
`,
    'sql/tests/no_orphans.sql': 'select 1',
  }).models.get('leads');
  expect(model?.columns.map(({ name, description }) => [name, description])).toEqual([
    ['lead_id', 'The person'],
    ['seniority', undefined],
    ['seats', undefined],
  ]);
  expect(model?.columns.flatMap(({ tests }) => tests)).toEqual([
    { kind: 'unique', columns: ['lead_id'], severity: 'error', path: ['columns', 0, 'tests', 0] },
    { kind: 'not_null', columns: ['lead_id'], severity: 'error', path: ['columns', 0, 'tests', 1] },
    {
      kind: 'accepted_values',
      column: 'seniority',
      values: ['vp', 'intern', 3, true],
      severity: 'error',
      path: ['columns', 1, 'tests', 0],
    },
    { kind: 'between', column: 'seats', min: 0, max: 1000, severity: 'error', path: ['columns', 2, 'tests', 0] },
    {
      kind: 'relationship',
      column: 'seats',
      to: 'logins',
      field: 'lead_id',
      severity: 'error',
      path: ['columns', 2, 'tests', 1],
    },
  ]);
  expect(model?.tests).toMatchObject([
    { kind: 'row_count', min: 1, path: ['tests', 0] },
    { kind: 'unique', columns: ['lead_id', 'email'] },
    { kind: 'sql', name: 'no_orphans', sql: { path: 'sql/tests/no_orphans.sql', text: 'select 1' } },
    { kind: 'sql', name: 'sql_4', sql: { sql: 'select 1 where false' } },
  ]);
  expect(model?.file.locate(['columns', 2, 'tests', 0])).toEqual({ line: 11, column: 13 });
});

test('reads a sync with its defaults', () => {
  const sync = load({
    'syncs/leads_to_hubspot.yml': `
object: contacts
model: lead_score
match: { email: email }
properties:
  lead_score: { column: score, type: number, min_change: 2, decimals: 0, nulls: clear }
  lead_tier: { column: tier, type: enumeration, field: radio }
  lead_reasons: { column: reasons, type: string, field: textarea, label: Why }
  lead_scored_at: { column: as_of, type: datetime, with_changes_only: false }
  is_lead: { column: is_lead, type: boolean }
  lead_size: { column: size, type: enumeration, options: [small, { value: big, label: Big one }] }
`,
  }).syncs.get('leads_to_hubspot');
  expect(sync).toMatchObject({
    object: 'contacts',
    models: ['lead_score'],
    match: { property: 'email', column: 'email' },
    mode: 'update',
    nulls: 'skip',
    propertyGroup: 'scoreline',
    lists: [],
    tags: [],
  });
  const defaults = { withChangesOnly: false, nulls: 'skip', adopt: false, write: 'always' };
  expect(sync?.properties).toEqual([
    {
      ...defaults,
      name: 'lead_score',
      column: 'score',
      type: 'number',
      field: 'number',
      label: 'Lead score',
      decimals: 0,
      minChange: 2,
      nulls: 'clear',
    },
    { ...defaults, name: 'lead_tier', column: 'tier', type: 'enumeration', field: 'radio', label: 'Lead tier' },
    {
      ...defaults,
      name: 'lead_reasons',
      column: 'reasons',
      type: 'string',
      field: 'textarea',
      label: 'Why',
      withChangesOnly: true,
    },
    { ...defaults, name: 'lead_scored_at', column: 'as_of', type: 'datetime', field: 'date', label: 'Lead scored at' },
    { ...defaults, name: 'is_lead', column: 'is_lead', type: 'bool', field: 'booleancheckbox', label: 'Is lead' },
    {
      ...defaults,
      name: 'lead_size',
      column: 'size',
      type: 'enumeration',
      field: 'select',
      label: 'Lead size',
      options: [
        { value: 'small', label: 'small' },
        { value: 'big', label: 'Big one' },
      ],
    },
  ]);
});

test('reads files in folders below models and syncs, and takes empty sections for absent ones', () => {
  const project = load({
    'models/leads.yml': null,
    'models/staging/leads.yml': 'sql: sql/leads.sql\nkey: [lead_id]\ntags: [growth]\ncolumns:\ntests:\nparams:\n',
    'models/staging/.leads.yml.swp': 'not yaml: [',
    'models/README.md': '# models',
    'syncs/leads_to_hubspot.yml': null,
  });
  expect(project.models.get('leads')).toMatchObject({
    tags: ['growth'],
    columns: [],
    tests: [],
    params: {},
    file: { path: 'models/staging/leads.yml' },
  });
  expect(project.syncs.size).toBe(0);
});

test('reads anchors, aliases and merge keys', () => {
  const card = scorecard(
    load({
      'models/card.yml': `
kind: scorecard
entity: lead
rules:
  - &login
    id: web
    events: "{{ ref('logins') }}"
    at: login_at
    within: &window 30d
    points: 1
  - { <<: *login, id: ios, points: 2 }
  - { id: quiet, no_events: "{{ ref('logins') }}", at: login_at, within: *window, points: -1 }
`,
    }),
    'card',
  );
  expect(card.rules).toMatchObject([
    { id: 'web', points: 1 },
    { id: 'ios', points: 2, at: 'login_at', within: { amount: 30, unit: 'day' } },
    { id: 'quiet', within: { amount: 30, unit: 'day' } },
  ]);
});
