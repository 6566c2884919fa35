import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import type { ColumnType } from '../../src/sql/types.ts';
import { type CloudServer, snowflake } from '../support/cloud-server.ts';
import { type Ended, scoreline } from '../support/command-line.ts';
import { type ProjectFiles, smallProject, writeProject } from '../support/project-files.ts';

const logins = `events: "{{ ref('logins') }}", at: login_at`;

/** Every kind of rule, over the small project's data. */
const card = `kind: scorecard
entity: lead
params: { oldest: { type: duration, default: 70d }, few: { type: integer, default: 2 } }
groups: { usage: { max: 60 } }
rules:
  - { id: before, ${logins}, between: [7d, "{{ param('oldest') }}"], points: 5 }
  - { id: often, label: Logged in, ${logins}, within: 30d, at_least: "{{ param('few') }}", points: 7 }
  - { id: bands, ${logins}, bands: [{ at_least: 1, points: 2 }, { at_least: 3, points: 11 }] }
  - { id: visits, ${logins}, points: 3, session: { gap: 2h, measure: pages, at_least: "{{ param('few') }}" } }
  - { id: curve, ${logins}, points: 10, curve: { half_at: 30 }, limit: 40 }
  - { id: silent, no_events: "{{ ref('logins') }}", at: login_at, within: 2w, points: -4, repeat: 3w, limit: 20 }
  - { id: decayed, ${logins}, where: "device = 'web'", within: 30d, points: 20, decay: { half_life: "{{ param('half_life') }}" }, max_per_day: 1, group: usage }
  - { id: hours, ${logins}, within: 72h, points: 2, decay: { linear: 72h } }
  - { id: stepped, ${logins}, points: 2, decay: { every: 30d, by: 50% } }
  - { id: devices, ${logins}, count: { distinct: device }, points: 4 }
  - { id: once, ${logins}, count: once, points: 1 }
  - { id: director, when: "seniority in ('director', 'vp', 'cxo')", points: 30 }
  - { id: team_size, value: "ln(1 + seats)", points: 5, limit: 20 }
segments: [{ name: big, when: "seats > 100", points: { director: 40 } }]
disqualify: [{ id: intern, when: "seniority = 'intern'" }]
tiers: [{ name: hot, at: 60 }, { name: warm, at: 30 }, { name: cold }]
hysteresis: 3
`;

const config = String(smallProject['config/scoreline.yml']);
const files: ProjectFiles = { ...smallProject, 'models/lead_score.yml': card };

const columns: Readonly<Record<string, Readonly<Record<string, ColumnType>>>> = {
  users: {
    lead_id: { kind: 'integer' },
    email: { kind: 'text' },
    seniority: { kind: 'text' },
    seats: { kind: 'integer' },
  },
  logins: { lead_id: { kind: 'integer' }, login_at: { kind: 'timestamp' }, device: { kind: 'text' } },
};

interface Outcome {
  readonly ran: readonly Ended[];
  readonly requests: readonly unknown[];
}

const days = ['2026-02-01T12:00:00Z', '2026-02-12T12:00:00Z'];

/** Runs the project on two days against a HubSpot of its own. */
async function outcomeOf(dir: string): Promise<Outcome> {
  const sandbox = await startSandbox({ token: 'right-token' });
  try {
    const env = { ...process.env, HUBSPOT_BASE_URL: sandbox.url, HUBSPOT_ACCESS_TOKEN: 'right-token' };
    const ran: Ended[] = [];
    for (const day of days)
      ran.push(await scoreline(dir, 'run --yes --override max_changed=test', { env, now: new Date(day) }));
    const answer = await fetch(`${sandbox.url}/_sandbox/requests?limit=10000`);
    const { requests } = (await answer.json()) as {
      requests: readonly { method: string; path: string; body: unknown }[];
    };
    return { ran, requests: requests.map(({ method, path, body }) => ({ method, path, body })) };
  } finally {
    await sandbox.close();
  }
}

describe.skipIf(snowflake.missing !== null)(`A project on Snowflake ${snowflake.missing ?? ''}`, () => {
  let server: CloudServer;
  let onDuckDb: string;
  let onSnowflake: string;
  beforeAll(async () => {
    server = await snowflake.start();
    onDuckDb = writeProject({
      ...files,
      'config/scoreline.yml': config.replace('{ sandbox: true }', '{ token: right-token }'),
    });
    onSnowflake = writeProject({
      ...files,
      'config/scoreline.yml': config
        .replace('{ sandbox: true }', '{ token: right-token }')
        .replace('{ type: duckdb, path: .scoreline/test.duckdb }', JSON.stringify(server.target))
        .replace('schema: scoreline', `schema: ${server.schema('scoreline')}`)
        .replace(/sources: \{ app: \{ files.*/, `sources: { app: { schema: ${server.schema('raw_app')} } }`),
    });
    await load();
  });
  afterAll(() => server.stop());

  async function load(): Promise<void> {
    const warehouse = await server.open();
    for (const [name, types] of Object.entries(columns)) {
      const table = { schema: server.schema('raw_app'), name };
      const nulls = Object.entries(types).map(
        ([column, type]) => sql`cast(null as ${warehouse.dialect.type(type)}) as ${sql.id(column)}`,
      );
      await warehouse.createTable(table, warehouse.dialect.compile(sql`select ${sql.join(nulls)} where false`));
      const [, ...lines] = String(smallProject[`data/${name}.csv`]).trim().split('\n');
      const rows = lines.map((line) =>
        line.split(',').map((value, index) => {
          const kind = Object.values(types)[index]?.kind;
          if (value === '') return null;
          if (kind === 'integer') return Number(value);
          return kind === 'timestamp' ? `${value.replace(' ', 'T')}Z` : value;
        }),
      );
      await warehouse.append(
        table,
        Object.entries(types).map(([column, type]) => ({ name: column, type })),
        rows,
      );
    }
    await warehouse.close();
  }

  test('builds, scores and syncs as on DuckDB, with the same requests to HubSpot', async () => {
    const expected = await outcomeOf(onDuckDb);
    const outcome = await outcomeOf(onSnowflake);
    expect(outcome.ran.map(({ exitCode, err }) => ({ exitCode, err: exitCode === 0 ? '' : err }))).toEqual(
      days.map(() => ({ exitCode: 0, err: '' })),
    );
    expect(outcome.requests).toEqual(expected.requests);
    expect(expected.requests.length).toBeGreaterThan(5);
  });
});
