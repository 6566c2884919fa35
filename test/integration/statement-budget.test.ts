import { expect, test } from 'vitest';
import { runSyncs } from '../../src/operations/run-syncs.ts';
import { guardNames } from '../../src/sync/guards.ts';
import { openWarehouse } from '../../src/warehouse/open-warehouse.ts';
import { FakeHubSpot } from '../support/fake-hubspot.ts';
import { smallProject, writeFiles, writeProject } from '../support/project-files.ts';
import { type RoundTrip, slowWarehouse } from '../support/slow-warehouse.ts';
import { testWorkspace } from '../support/test-workspace.ts';

const syncFile = 'syncs/leads_to_hubspot.yml';
const hubspot = new FakeHubSpot();

/** Runs the project on a warehouse on which every statement is dear. */
async function run(dir: string, at: string): Promise<readonly RoundTrip[]> {
  const trips: RoundTrip[] = [];
  const workspace = await testWorkspace(dir, {
    startedAt: new Date(at),
    runId: `run-${at}`,
    adapters: {
      async openWarehouse(settings, options) {
        const slow = slowWarehouse(await openWarehouse(settings, options), { secondsPerStatement: 1.5 });
        // As of a warehouse that many may write to at once.
        const warehouse = { ...slow, capabilities: { ...slow.capabilities, locksWholeFile: false } };
        return {
          ...warehouse,
          close: async () => {
            trips.push(...slow.roundTrips);
            await slow.close();
          },
        };
      },
      connectHubSpot: async () => hubspot,
    },
  });
  await runSyncs(workspace, [], {
    overrides: new Map(guardNames.map((name) => [name, 'a test'])),
    confirm: async () => 'yes',
  });
  return trips.filter(({ method }) => method !== 'stream');
}

test('a whole run with canary, rejections, conditions and leases keeps the budget', async () => {
  const dir = writeProject({
    ...smallProject,
    [syncFile]: `${smallProject[syncFile]}canary: { rows: 2, max_rejected: 100% }
priority: "tier = 'hot'"
exclude: { when: "seniority = 'intern'" }
`,
  });
  hubspot.refuse = ({ lead_tier }) => (lead_tier === 'cold' ? { category: 'TEST', message: 'no' } : null);
  await run(dir, '2026-02-01T12:00:00Z');
  writeFiles(dir, { 'data/users.csv': String(smallProject['data/users.csv']).replace('vp,250', 'vp,9') });
  const trips = await run(dir, '2026-02-02T12:00:00Z');
  const purposes = trips.map(({ purpose = '' }) => purpose);
  for (const model of ['leads', 'lead_score', 'hot_leads']) {
    expect(purposes.filter((purpose) => new RegExp(`^(build|test|swap in) ${model}$`).test(purpose))).toHaveLength(3);
  }
  const from = purposes.indexOf('read the columns of lead_score');
  const to = purposes.indexOf('begin to apply the plan of leads_to_hubspot');
  expect(purposes.slice(from, to)).toEqual([
    'read the columns of lead_score',
    'read the lists of leads_to_hubspot',
    'compare lead_score with the snapshot of leads_to_hubspot',
    // A checkpoint.
    'look up contacts by email',
    'freeze the plan of leads_to_hubspot',
    'sum up the plan of leads_to_hubspot',
    'keep the plan of leads_to_hubspot',
    // Once for all plans of a run, where a guard says something.
    'keep what the guards say',
  ]);
  const isCheckpoint = (purpose: string) => / outcomes of leads_to_hubspot to the ledger$/.test(purpose);
  expect(purposes.slice(to).filter((purpose) => !isCheckpoint(purpose))).toEqual([
    'begin to apply the plan of leads_to_hubspot',
    'read what came of the first rows of leads_to_hubspot',
    'fold the ledger of leads_to_hubspot',
    'count the outcomes of leads_to_hubspot',
    'read why rows were rejected',
    expect.stringMatching(/^finish the run/),
    'prune the state',
    'give the leases back',
  ]);
  // The canary's rows; then for the list its use, what is attempted, and what came of it.
  expect(purposes.filter(isCheckpoint)).toHaveLength(4);
  // Whatever the number of models and plans: state, leases of sync and build, the run, and the score history.
  const before = purposes.slice(0, from).filter((purpose) => !/^(build|test|swap in) /.test(purpose));
  expect(before.length).toBeLessThanOrEqual(18);
});
