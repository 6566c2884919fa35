import { join } from 'node:path';
import { expect, test } from 'vitest';
import { adapters } from '../../src/cli/adapters.ts';
import { buildSelected } from '../../src/operations/build-selected.ts';
import { type RunOptions, runSyncs } from '../../src/operations/run-syncs.ts';
import type { Workspace } from '../../src/operations/workspace.ts';
import { openWarehouse } from '../../src/warehouse/open-warehouse.ts';
import { smallProject, writeProject } from '../support/project-files.ts';
import { slowWarehouse } from '../support/slow-warehouse.ts';
import { testWorkspace } from '../support/test-workspace.ts';

const projectDir = writeProject(smallProject);
let runs = 0;

/** A workspace whose warehouse lets several processes in, and what happens while it is connected to HubSpot. */
function sharedWorkspace(whileConnected: () => Promise<void> = async () => {}): Promise<Workspace> {
  return testWorkspace(projectDir, {
    startedAt: new Date('2026-06-30T12:00:00Z'),
    now: () => new Date(),
    runId: `run-${++runs}`,
    adapters: {
      openWarehouse: async (...opening) => {
        const inner = await openWarehouse(...opening);
        const capabilities = { ...inner.capabilities, locksWholeFile: false };
        return { ...slowWarehouse(inner, { secondsPerStatement: 0 }), capabilities };
      },
      connectHubSpot: async (...connecting) => {
        const hubspot = await adapters.connectHubSpot(...connecting);
        await whileConnected();
        return hubspot;
      },
    },
  });
}

const yes: RunOptions = { overrides: new Map(), confirm: async () => 'yes' };

test('a second run of the same sync is turned away by name, and can go when the first has ended', async () => {
  let refusal: unknown;
  const first = await sharedWorkspace(async () => {
    refusal = await runSyncs(await sharedWorkspace(), [], yes).catch((error: unknown) => error);
  });
  await runSyncs(first, [], yes);
  expect(refusal).toMatchObject({
    code: 'RUN_BUSY',
    exitCode: 8,
    message: expect.stringMatching(/^sync:\w+ is held by run run-1 \(process \d+ on .+\) since \d{4}-/),
  });
  const third = await runSyncs(await sharedWorkspace(), [], yes);
  expect(third.results).toMatchObject([{ created: 0, rejected: 0 }]);
});

test('models are built by one process at a time, and a build does not wait for a run that sends', async () => {
  let built: unknown;
  const running = await sharedWorkspace(async () => {
    built = await buildSelected(await sharedWorkspace(), []);
  });
  await runSyncs(running, [], yes);
  expect(built).toMatchObject({ models: expect.any(Array) });
  const warehouse = await openWarehouse(
    { type: 'duckdb', path: join(projectDir, '.scoreline/test.duckdb'), memoryLimit: '512MB' },
    { timeZone: 'UTC' },
  );
  const held = await warehouse.query({
    text: 'select name, run_id is null as is_free, fence from scoreline_state.leases order by name',
    binds: [],
  });
  await warehouse.close();
  expect(held.map((row) => row.is_free)).toEqual(held.map(() => true));
  expect(held.map((row) => row.name)).toEqual(['build', expect.stringMatching(/^sync:/)]);
});
