import { beforeEach, describe, expect, test } from 'vitest';
import { plainPainter } from '../../src/cli/render/painter.ts';
import { renderStatus } from '../../src/cli/render/render-status.ts';
import type { Confirm } from '../../src/operations/guard-plans.ts';
import { readStatus } from '../../src/operations/read-status.ts';
import { runSyncs } from '../../src/operations/run-syncs.ts';
import type { Spending } from '../../src/warehouse/metered-warehouse.ts';
import { openWarehouse } from '../../src/warehouse/open-warehouse.ts';
import { scoreline } from '../support/command-line.ts';
import { FakeHubSpot } from '../support/fake-hubspot.ts';
import { emptyFolder, smallProject, writeProject } from '../support/project-files.ts';
import { testWorkspace } from '../support/test-workspace.ts';

let dir: string;
beforeEach(() => {
  dir = writeProject(smallProject);
});

// biome-ignore lint/suspicious/noExplicitAny: the shape is what the test is about
async function answerTo(line: string, exitCode = 0): Promise<any> {
  const ended = await scoreline(dir, line);
  expect(ended.exitCode, ended.err).toBe(exitCode);
  return JSON.parse(ended.out);
}

const measured = { statements: expect.any(Number), warehouse_seconds: expect.any(Number), bytes_billed: null };

describe('what the warehouse did', () => {
  test('is in the JSON of whatever asked it, well or not', async () => {
    for (const line of ['check', 'run --yes', 'build', 'plan', 'audit leads_to_hubspot', 'explain lead_score 1']) {
      expect((await answerTo(line)).spent, line).toEqual(measured);
    }
    expect(await answerTo('explain lead_score nobody', 2)).toMatchObject({ ok: false, spent: measured });
  });

  test('is in `status`, as far as the run could write it down', async () => {
    const { spent, run_id: runId } = await answerTo('run --yes');
    const { runs } = await answerTo('status');
    expect(runs).toMatchObject([{ run_id: runId, ...measured }]);
    const [kept] = runs;
    expect(kept.statements).toBeGreaterThan(20);
    // Its end was written and the state pruned after that.
    expect(spent.statements - kept.statements).toBe(2);
    expect(kept.warehouse_seconds).toBeGreaterThan(0);
    expect(kept.warehouse_seconds).toBeLessThan(spent.warehouse_seconds);
  });

  test('is null in the JSON of what asked none', async () => {
    expect((await answerTo('check --offline')).spent).toBeNull();
    const ended = await scoreline(emptyFolder(), 'build');
    expect(JSON.parse(ended.out)).toMatchObject({ ok: false, spent: null });
  });

  test('is the last line of what `run` and `build` print', async () => {
    const line = /\n {2}[\d,]+ statements to the warehouse, [\d.]+ s of waiting for it$/m;
    expect((await scoreline(dir, 'run --yes', { terminal: true })).out).toMatch(line);
    expect((await scoreline(dir, 'build', { terminal: true })).out).toMatch(line);
    const { out } = await scoreline(dir, 'status', { terminal: true });
    expect(out).toMatch(/ took +warehouse +scores as of/);
  });
});

test('bytes that a warehouse bills are kept with the run, and are a column of `status`', async () => {
  const told: Spending[] = [];
  const at = new Date('2026-02-01T12:00:00Z');
  const workspace = await testWorkspace(dir, {
    startedAt: at,
    adapters: {
      async openWarehouse(settings, options) {
        const warehouse = await openWarehouse(settings, options);
        // A hundred megabytes each time that somebody asks.
        let bytes = 0;
        const bytesBilled = async () => {
          bytes += 100_000_000;
          return bytes;
        };
        return Object.assign(warehouse, { bytesBilled });
      },
      connectHubSpot: async () => new FakeHubSpot(),
    },
    onSpent: (spending) => told.push(spending),
  });
  const confirm: Confirm = async () => 'yes';
  await runSyncs(workspace, [], { overrides: new Map(), confirm });
  expect(told).toMatchObject([{ bytesBilled: 200_000_000 }]);
  const status = await readStatus(workspace, 5);
  expect(status.runs).toMatchObject([{ runId: 'run-1', bytesBilled: 100_000_000 }]);
  const text = renderStatus(status, plainPainter, at);
  expect(text).toMatch(/ took +warehouse +billed +scores as of/);
  expect(text).toContain(' 100 MB ');
});
