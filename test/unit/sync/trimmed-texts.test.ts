import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { auditSync } from '../../../src/sync/audit-sync.ts';
import { leadSync, openSyncWorld, property, type SyncWorld } from '../../support/sync-world.ts';
import { TroubledLeads } from '../../support/troubled-leads.ts';

let world: SyncWorld;
let trouble: TroubledLeads;
beforeEach(async () => {
  world = await openSyncWorld();
  trouble = new TroubledLeads(world);
  trouble.addProperties();
});
afterEach(() => world.dispose());

const mirror = { mode: 'mirror', removed: 'clear' } as const;

describe('a text that HubSpot trims', () => {
  const sync = leadSync({ ...mirror, properties: [property('note', { column: 'note' })] });
  const note = (text: string) => world.score(`select '1' as lead_id, 'ann@one.example' as email, '${text}' as note`);
  beforeEach(() => {
    const { write } = world.hubspot.records;
    world.hubspot.records.write = (request, signal) =>
      write(
        {
          ...request,
          records: request.records.map((each) => ({
            ...each,
            properties: Object.fromEntries(
              Object.entries(each.properties).map(([name, value]) => [name, value.trim()]),
            ),
          })),
        } as typeof request,
        signal,
      );
  });
  test('is no drift', async () => {
    await note('abc ');
    await world.run(sync);
    expect(trouble.values('ann@one.example')).toEqual({ note: 'abc' });
    expect(await auditSync(await trouble.writerRequest(sync))).toMatchObject({ drift: { changed: 0 } });
  });
  test('is rolled back', async () => {
    await note('first');
    await world.run(sync);
    await note('abc ');
    await world.run(sync);
    await trouble.rollBack(sync);
    expect(trouble.values('ann@one.example')).toEqual({ note: 'first' });
  });
  test('is emptied where it was written unheard and the row goes', async () => {
    await note('abc ');
    await world.plan(sync);
    await trouble.dieUnheard(sync);
    await world.score(`select '2' as lead_id, 'bob@two.example' as email, 'x' as note`);
    await world.run(sync);
    expect(trouble.values('ann@one.example')).toEqual({});
  });
  test('control: the same without a space', async () => {
    await note('abc');
    await trouble.dieUnheard(sync);
    await world.score(`select '2' as lead_id, 'bob@two.example' as email, 'x' as note`);
    await world.run(sync);
    expect(trouble.values('ann@one.example')).toEqual({});
  });
});

test('two rows whose addresses differ in white space alone are refused', async () => {
  await world.score(`select '1' as lead_id, 'ann@one.example' as email, cast(50 as decimal(18,2)) as score, 'warm' as tier
union all select '2', concat('ann@one.example', chr(9)), 12, 'cold' union all select '3', concat(chr(8233), 'ann@one.example '), 12, 'cold'`);
  for (const _ of [1, 2]) expect(await world.run(leadSync())).toMatchObject({ created: 0, updated: 0, rejected: 3 });
});
