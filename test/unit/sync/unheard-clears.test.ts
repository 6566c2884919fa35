import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Account } from '../../../src/hubspot/types.ts';
import type { Sync } from '../../../src/project/sync-types.ts';
import { planMending } from '../../../src/sync/audit-sync.ts';
import { dyingWarehouse } from '../../support/dying-warehouse.ts';
import { leadSync, openSyncWorld, type SyncWorld } from '../../support/sync-world.ts';

let world: SyncWorld;
beforeEach(async () => {
  world = await openSyncWorld();
});
afterEach(() => world.dispose());

const mirror = leadSync({ mode: 'mirror' });
const ann = ['1', 'ann@one.example', 50, 'warm'] as const;
const bob = ['2', 'bob@two.example', 12, 'warm'] as const;
const values = (email: string) => world.hubspot.values('contacts')[email];
const idOf = (email: string) =>
  world.hubspot.stored('contacts').find((each) => each.properties.email === email)?.id ?? '';

/** HubSpot writes the batch, and the process dies before the ledger has it. */
async function dieUnheard(sync: Sync) {
  await expect(world.run(sync, { warehouse: dyingWarehouse(world.warehouse) })).rejects.toThrow('killed');
}

async function byHand(email: string, properties: Record<string, string>) {
  await world.hubspot.records.write({
    kind: 'update',
    object: 'contacts',
    records: [{ traceId: '1', recordId: idOf(email), properties }],
  });
}

function writerRequest(sync: Sync, account: Account) {
  return {
    state: world.state,
    hubspot: world.hubspot,
    sync,
    account,
    runId: 'special-1',
    asOf: { instant: '2026-01-31T00:00:00.000Z', day: '2026-01-31' },
    now: () => new Date('2026-02-01T08:00:00Z'),
  };
}

describe('audit --fix', () => {
  test('leaves the writes that nobody heard of to be found', async () => {
    await world.leads(ann);
    await world.run(mirror);
    await world.leads(ann, bob);
    await dieUnheard(mirror);
    await byHand('ann@one.example', { lead_score: '1' });
    const { plan } = await planMending(writerRequest(mirror, await world.hubspot.account()));
    if (plan === null) throw new Error('no plan');
    await world.apply(plan);
    await world.leads(ann);
    await world.run(mirror);
    await world.run(mirror);
    expect(values('bob@two.example')).toEqual({});
  });
});

describe('a record that was written unheard and may not be emptied at first', () => {
  test('is emptied later', async () => {
    await world.leads(ann, bob);
    await dieUnheard(mirror);
    await world.leads(ann);
    world.hubspot.refuse = ({ lead_score }) => (lead_score === '' ? { category: 'TEST', message: 'no' } : null);
    await world.run(mirror);
    world.hubspot.refuse = () => null;
    world.passHours(100);
    await world.run(mirror);
    await world.run(mirror);
    expect(values('bob@two.example')).toEqual({});
  });
  test('control: one that was heard of', async () => {
    await world.leads(ann, bob);
    await world.run(mirror);
    await world.leads(ann);
    world.hubspot.refuse = ({ lead_score }) => (lead_score === '' ? { category: 'TEST', message: 'no' } : null);
    await world.run(mirror);
    world.hubspot.refuse = () => null;
    world.passHours(100);
    await world.run(mirror);
    expect(values('bob@two.example')).toEqual({});
  });
});
