import { beforeEach, describe, expect, test } from 'vitest';
import type { Command, CommandResult } from '../../src/cli/command.ts';
import { buildCommand } from '../../src/cli/commands/build.ts';
import { checkCommand } from '../../src/cli/commands/check.ts';
import { planCommand } from '../../src/cli/commands/plan.ts';
import { openSession } from '../../src/cli/session.ts';
import { openWarehouse } from '../../src/warehouse/open-warehouse.ts';
import { scoreline } from '../support/command-line.ts';
import { FakeHubSpot } from '../support/fake-hubspot.ts';
import { fakeIo } from '../support/fake-io.ts';
import { smallProject, writeProject } from '../support/project-files.ts';
import { testWorkspace } from '../support/test-workspace.ts';

let dir: string;
beforeEach(() => {
  dir = writeProject(smallProject);
});

const GB = 1e9;
const bytesOf = new Map([
  ['leads', 2 * GB],
  ['logins', 300 * GB],
  ['lead_score', 250 * GB],
  ['hot_leads', 0],
]);

/** Runs a command on a warehouse that bills by bytes: DuckDB, with the bytes above for each model. */
async function run(command: Command, maxBytesRead: number | null): Promise<CommandResult> {
  const at = new Date('2026-02-01T12:00:00Z');
  const io = fakeIo({ cwd: dir, now: at });
  const global = { projectDir: dir, param: [], yes: true, logLevel: 'error', logFormat: 'text', output: undefined };
  const session = await openSession(io, global as never, 'test');
  const workspace = () =>
    testWorkspace(dir, {
      startedAt: at,
      adapters: {
        async openWarehouse(settings, options) {
          const inner = await openWarehouse(settings, options);
          const tell = (purpose = '', onBytesRead?: (bytes: number) => void) => {
            const bytes = bytesOf.get(purpose.replace(/^(check|build) /, ''));
            if (bytes !== undefined) onBytesRead?.(bytes);
          };
          const { describe, createTable } = inner;
          return Object.assign(inner, {
            capabilities: { ...inner.capabilities, maxBytesRead },
            describe: (...args: Parameters<typeof describe>) => {
              tell(args[1]?.purpose, args[1]?.onBytesRead);
              return describe.apply(inner, args);
            },
            createTable: (...args: Parameters<typeof createTable>) => {
              tell(args[2]?.purpose, args[2]?.onBytesRead);
              return createTable.apply(inner, args);
            },
          });
        },
        connectHubSpot: async () => new FakeHubSpot(),
      },
    });
  return command.run({}, { ...session, workspace });
}

describe('where a warehouse bills by bytes', () => {
  test('`check` says what each model would read, what that leaves out, and what would be refused', async () => {
    const { text, json, warnings } = await run(checkCommand, 200 * GB);
    expect(json?.bytes_read).toEqual({
      models: [
        { model: 'logins', materialize: 'inline', bytes: 300 * GB, without: [] },
        { model: 'lead_score', materialize: 'table', bytes: 250 * GB, without: ['leads', 'logins'] },
        { model: 'leads', materialize: 'table', bytes: 2 * GB, without: [] },
        { model: 'hot_leads', materialize: 'table', bytes: 0, without: ['lead_score', 'leads'] },
      ],
      total: 552 * GB,
      max_bytes_billed: 200 * GB,
    });
    expect(text).toMatch(/\n {2}lead_score +table +250 GB +leads, logins\n/);
    expect(text).toContain(
      '552 GB of the sources in all. A statement may read 200 GB (`max_bytes_billed`).\nWhat is read',
    );
    // Who reads the inline model may need less of it.
    expect(warnings).toEqual([
      'logins would read 300 GB, above the max_bytes_billed of 200 GB: a model that reads all of it would be refused',
      'lead_score would read 250 GB, above the max_bytes_billed of 200 GB: building it would be refused',
    ]);
    expect((await run(checkCommand, 300 * GB)).warnings).toEqual([]);
    expect((await run(checkCommand, null)).warnings).toEqual([]);
  });

  test('`plan` and `build` say what the tables were made from', async () => {
    const plan = await run(planCommand, 400 * GB);
    const words =
      'Building 3 tables read 252 GB (lead_score 250 GB, leads 2.0 GB, hot_leads 0 bytes); a statement may read 400 GB. A run builds them anew.';
    expect(plan.text).toContain(`\n  ${words}\n`);
    expect(plan.markdown?.endsWith(`\n\n${words}`)).toBe(true);
    expect(plan.json?.bytes_read).toMatchObject({
      models: [{ model: 'lead_score', bytes: 250 * GB, without: [] }, { model: 'leads' }, { model: 'hot_leads' }],
      total: 252 * GB,
      max_bytes_billed: 400 * GB,
    });
    const build = await run(buildCommand, null);
    expect(build.text).toMatch(/\n {2}lead_score +table +4 +250 GB +/);
    expect(build.json?.models).toContainEqual(expect.objectContaining({ model: 'leads', bytes_read: 2 * GB }));
  });
});

test('where none are counted, nothing is said of them', async () => {
  for (const line of ['check', 'plan']) {
    expect(JSON.parse((await scoreline(dir, line)).out), line).toMatchObject({ ok: true, bytes_read: null });
    expect((await scoreline(dir, line, { terminal: true })).out).not.toMatch(/bytes|GB|would read/);
  }
});
