import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Canary } from '../../../src/project/sync-types.ts';
import { hotLeads, leadSync, openSyncWorld, type SyncWorld, scoreProperty } from '../../support/sync-world.ts';

let world: SyncWorld;
beforeEach(async () => {
  world = await openSyncWorld();
  const people = Array.from({ length: 30 }, (_, index) => {
    const id = String(index).padStart(2, '0');
    return [id, `p${id}@one.example`, index, 'hot'] as const;
  });
  await world.leads(...people);
});
afterEach(() => world.dispose());

const withCanary = (canary: Canary) => leadSync({ canary, lists: [hotLeads] });

test('goes first, is read back, and lets the rest through', async () => {
  const result = await world.run(withCanary({ rows: 10, maxRejected: { rows: 0 } }));
  expect(result).toMatchObject({ created: 30, deferred: 0, lists: [{ added: 30 }] });
  expect(result.canary).toEqual({ rows: 10, failed: 0, example: null, stopped: false });
});

test('stops the run where too many of its rows are refused', async () => {
  world.hubspot.refuse = (values) => (Number(values.lead_score) < 3 ? { category: 'TEST', message: 'no' } : null);
  const strict = await world.run(withCanary({ rows: 10, maxRejected: { shareRatio: 0.2 } }));
  expect(strict).toMatchObject({ created: 7, rejected: 3, deferred: 20, lists: [{ added: 0 }] });
  expect(strict.canary).toEqual({ rows: 10, failed: 3, example: '00', stopped: true });
  expect(world.hubspot.stored('contacts')).toHaveLength(7);
});

test('is content with as many failures as allowed', async () => {
  world.hubspot.refuse = (values) => (Number(values.lead_score) < 3 ? { category: 'TEST', message: 'no' } : null);
  const result = await world.run(withCanary({ rows: 10, maxRejected: { rows: 3 } }));
  expect(result).toMatchObject({ created: 27, rejected: 3, deferred: 0 });
  expect(result.canary).toMatchObject({ failed: 3, stopped: false });
});

test('stops where records hold another value than was sent', async () => {
  const { records } = world.hubspot;
  const hubspot = {
    ...world.hubspot,
    account: () => world.hubspot.account(),
    usage: () => world.hubspot.usage(),
    schema: world.hubspot.schema,
    lists: world.hubspot.lists,
    close: () => world.hubspot.close(),
    records: {
      write: records.write.bind(records),
      resolve: async (request: Parameters<typeof records.resolve>[0]) => {
        const found = await records.resolve(request);
        return new Map(
          [...found].map(([value, each]) => {
            if (each.kind !== 'found' || !request.properties.includes('lead_score')) return [value, each] as const;
            return [value, { ...each, properties: { ...each.properties, lead_score: '7' } }] as const;
          }),
        );
      },
    },
  };
  const sync = leadSync({ canary: { rows: 10, maxRejected: { rows: 8 } }, properties: [scoreProperty] });
  const result = await world.run(sync, { hubspot });
  expect(result).toMatchObject({ created: 10, deferred: 20, canary: { rows: 10, failed: 9, stopped: true } });
});

test('is not seen where nothing is sent', async () => {
  const sync = withCanary({ rows: 10, maxRejected: { rows: 0 } });
  await world.run(sync);
  const again = await world.run(sync);
  expect(again).toMatchObject({ planned: 0, unchanged: 30 });
  expect(again.canary).toBeUndefined();
});

test('is no larger than a limit', async () => {
  const result = await world.run(withCanary({ rows: 10, maxRejected: { rows: 0 } }), { maxRows: 4 });
  expect(result).toMatchObject({ created: 4, deferred: 26, canary: { rows: 4, stopped: false } });
});
