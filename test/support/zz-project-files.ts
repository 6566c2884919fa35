import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
const afterAll = () => {};

/** Path inside the project (forward slashes) → its text or bytes; null leaves out a file that another spread brought in. */
export type ProjectFiles = Readonly<Record<string, string | Uint8Array | null>>;

const folders: string[] = [];

// Importing this file is enough: whatever it wrote is gone when the test file ends.
afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** One DuckDB target named `test` with the sandbox beside it, no entities and no sources. */
export const minimalConfig = `
version: 1
project: test-project
default_target: test
targets:
  test:
    warehouse: { type: duckdb, path: .scoreline/test.duckdb }
    hubspot: { sandbox: true }
`;

/**
 * Writes a project into a new temporary folder, which is removed when the test file ends. A project without
 * `config/scoreline.yml` gets `minimalConfig`; to have none at all, give it as null.
 * @returns the folder's absolute path
 */
export function writeProject(files: ProjectFiles): string {
  const dir = emptyFolder();
  writeFiles(dir, { 'config/scoreline.yml': minimalConfig, ...files });
  return dir;
}

/** A new temporary folder with nothing in it, removed when the test file ends. */
export function emptyFolder(): string {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'scoreline-project-')));
  folders.push(dir);
  return dir;
}

/** Adds files to a project, or replaces them. */
export function writeFiles(dir: string, files: ProjectFiles): void {
  for (const [path, content] of Object.entries(files)) {
    if (content === null) continue;
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), content);
  }
}

/**
 * A whole project in a few lines: four people and five logins from CSV files, one scorecard, one audience, one sync.
 * Spread it and replace what a test is about.
 */
export const smallProject: ProjectFiles = {
  'config/scoreline.yml': `
version: 1
project: small
timezone: UTC
default_target: test
entities:
  lead:
    relation: "{{ ref('leads') }}"
    key: lead_id
sources:
  app:
    tables:
      users: {}
      logins: {}
params: { half_life: 14d }
targets:
  test:
    warehouse: { type: duckdb, path: .scoreline/test.duckdb }
    hubspot: { sandbox: true }
    schema: scoreline
    sources: { app: { files: { users: data/users.csv, logins: data/logins.csv } } }
`,
  'data/users.csv': `lead_id,email,seniority,seats
1,ann@one.example,director,10
2,bob@two.example,intern,2
3,cat@three.example,vp,250
4,dan@four.example,,
`,
  'data/logins.csv': `lead_id,login_at,device
1,2026-01-30 09:00:00,web
1,2026-01-31 10:00:00,web
1,2026-01-31 11:00:00,ios
2,2025-12-01 08:00:00,web
3,2026-01-20 12:00:00,web
`,
  'sql/leads.sql': "select lead_id, email, seniority, seats\nfrom {{ source('app', 'users') }}\n",
  'sql/logins.sql': "select lead_id, login_at, device\nfrom {{ source('app', 'logins') }}\n",
  'models/leads.yml': 'sql: sql/leads.sql\nkey: [lead_id]\n',
  'models/logins.yml': 'sql: sql/logins.sql\nmaterialize: inline\n',
  'models/lead_score.yml': `
kind: scorecard
entity: lead
description: How much this person uses the product
range: [0, 100]
groups: { usage: { max: 60 } }
rules:
  - id: logged_in
    events: "{{ ref('logins') }}"
    at: login_at
    where: "device = 'web'"
    within: 30d
    points: 20
    decay: { half_life: "{{ param('half_life') }}" }
    group: usage
  - id: director_or_above
    when: "seniority in ('director', 'vp', 'cxo')"
    points: 30
  - id: silent_30_days
    no_events: "{{ ref('logins') }}"
    at: login_at
    within: 30d
    points: -10
  - id: team_size
    value: "ln(1 + seats)"
    points: 5
    limit: 20
tiers:
  - { name: hot, at: 60 }
  - { name: warm, at: 30 }
  - { name: cold }
`,
  'models/hot_leads.yml': 'kind: audience\nentity: lead\nfrom: lead_score\nwhere: "tier = \'hot\'"\n',
  'syncs/leads_to_hubspot.yml': `
object: contacts
model: lead_score
match: { email: email }
mode: upsert
properties:
  lead_score: { column: score, type: number, label: Lead score, min_change: 2, decimals: 0 }
  lead_tier: { column: tier, type: enumeration }
  lead_reasons: { column: reasons, type: string, field: textarea }
property_group: scoreline
lists:
  hot_leads: { name: Hot leads, audience: hot_leads }
`,
};
