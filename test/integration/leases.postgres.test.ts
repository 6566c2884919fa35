import { afterAll, beforeAll, expect, test } from 'vitest';
import { adapters } from '../../src/cli/adapters.ts';
import { buildSelected } from '../../src/operations/build-selected.ts';
import { type RunOptions, runSyncs } from '../../src/operations/run-syncs.ts';
import type { Workspace } from '../../src/operations/workspace.ts';
import { takeLeases } from '../../src/state/leases.ts';
import { openState } from '../../src/state/open-state.ts';
import { openWarehouse } from '../../src/warehouse/open-warehouse.ts';
import { smallProject, writeProject } from '../support/project-files.ts';
import { openTempPostgres, type TempPostgres } from '../support/temp-postgres.ts';
import { testWorkspace } from '../support/test-workspace.ts';

const project = {
  'config/scoreline.yml': `
version: 1
project: small
timezone: UTC
default_target: test
entities:
  lead: { relation: "{{ ref('leads') }}", key: lead_id }
targets:
  test:
    warehouse: { type: postgres, url: "\${TEST_URL}" }
    hubspot: { sandbox: true }
    schema: scoreline
`,
  'sql/leads.sql': "select 1 as lead_id, 'ann@one.example' as email, 10 as seats",
  'models/leads.yml': 'sql: sql/leads.sql\nkey: [lead_id]\n',
  'models/lead_score.yml': 'kind: scorecard\nentity: lead\nrules:\n  - { id: seats, value: seats, points: 1 }\n',
  'syncs/leads_to_hubspot.yml':
    'object: contacts\nmodel: lead_score\nmatch: { email: email }\nmode: upsert\nproperties:\n  lead_score: { column: score, type: number }\n',
};

let temp: TempPostgres;
let projectDir: string;
let runs = 0;

beforeAll(async () => {
  const schemas = ['scoreline', 'crowded'].flatMap((each) => [each, `${each}_state`]);
  temp = await openTempPostgres('UTC', { schemas });
  const none = Object.fromEntries(Object.keys(smallProject).map((path) => [path, null]));
  projectDir = writeProject({ ...none, ...project });
});
afterAll(() => temp.dispose());

/** As two processes have it: connections of its own. */
function workspace(whileConnected: () => Promise<void> = async () => {}): Promise<Workspace> {
  return testWorkspace(projectDir, {
    env: { TEST_URL: temp.settings.url },
    startedAt: new Date('2026-06-30T12:00:00Z'),
    now: () => new Date(),
    runId: `run-${++runs}`,
    adapters: {
      openWarehouse: adapters.openWarehouse,
      connectHubSpot: async (...connecting) => {
        const hubspot = await adapters.connectHubSpot(...connecting);
        await whileConnected();
        return hubspot;
      },
    },
  });
}

const yes: RunOptions = { overrides: new Map(), confirm: async () => 'yes' };

test('a second run of the same sync is turned away by name, a build is not, and both can go when the first has ended', async () => {
  let refusal: unknown;
  let built: unknown;
  const first = await workspace(async () => {
    refusal = await runSyncs(await workspace(), [], yes).catch((error: unknown) => error);
    built = await buildSelected(await workspace(), []);
  });
  const { results } = await runSyncs(first, [], yes);
  expect(results).toMatchObject([{ created: 1, rejected: 0 }]);
  expect(refusal).toMatchObject({
    code: 'RUN_BUSY',
    exitCode: 8,
    message: expect.stringMatching(/^sync:\w+ is held by run run-1 \(process \d+ on .+\) since \d{4}-/),
  });
  expect(built).toMatchObject({ models: expect.any(Array) });
  const again = await runSyncs(await workspace(), [], yes);
  expect(again.results).toMatchObject([{ created: 0, updated: 0, rejected: 0 }]);
});

test('of many who ask for the same leases at the same moment, one gets them', async () => {
  const warehouses = await Promise.all(
    Array.from({ length: 8 }, () => openWarehouse(temp.settings, { timeZone: 'UTC' })),
  );
  // Who comes first makes the tables; the others find them, or wait.
  const states = await Promise.all(warehouses.map((warehouse) => openState(warehouse, { schema: 'crowded' })));
  const clock = { monotonicMs: () => performance.now(), sleep: async () => {} };
  for (let round = 1; round <= 5; round++) {
    const asked = await Promise.allSettled(
      states.map((state, index) =>
        takeLeases(state, {
          names: ['build', `sync:${round}`],
          runId: `${round}-${index}`,
          holder: `run ${index}`,
          waitMs: 0,
          clock,
        }),
      ),
    );
    const got = asked.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    const refused = asked.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    // Two who each find one of the names taken by the other both let go.
    expect(got.length).toBeLessThanOrEqual(1);
    for (const reason of refused) expect(reason).toMatchObject({ code: 'RUN_BUSY' });
    for (const lease of got) await lease.release();
  }
  const [state] = states;
  if (state === undefined) throw new TypeError('No state');
  const alone = await takeLeases(state, { names: ['build'], runId: 'last', holder: 'alone', waitMs: 0, clock });
  await alone.release();
  await Promise.all(warehouses.map((warehouse) => warehouse.close()));
});
