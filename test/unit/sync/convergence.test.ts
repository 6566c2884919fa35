import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hasOperations } from '../../../src/sync/plan-types.ts';
import type { Warehouse } from '../../../src/warehouse/port.ts';
import { slowWarehouse } from '../../support/slow-warehouse.ts';
import { hotLeads, leadSync, openSyncWorld, type SyncWorld } from '../../support/sync-world.ts';

interface Lead {
  readonly email: string | null;
  readonly score: number | null;
}

const keys = ['a', 'b', 'c', 'd', 'e'];

/** Few addresses, so that rows meet on one, swap them, and leave them to others. */
const lead: fc.Arbitrary<Lead> = fc.record({
  email: fc.constantFrom(
    null,
    'p1@x.example',
    'P1@x.example',
    'p2@x.example',
    'p3@x.example',
    'p4@x.example',
    'p5@x.example',
  ),
  score: fc.constantFrom(null, 1, 2, 70, 80),
});

/** The model at one time: rows come and go. */
const model = fc.dictionary(fc.constantFrom(...keys), lead, { minKeys: 1 });

interface Step {
  readonly model: Readonly<Record<string, Lead>>;
  /** The statement or the call to HubSpot at which the process dies, counted from the start of the apply. */
  readonly dies: { readonly at: 'statement' | 'call'; readonly after: number } | null;
}

const step: fc.Arbitrary<Step> = fc.record({
  model,
  dies: fc.option(fc.record({ at: fc.constantFrom('statement', 'call'), after: fc.integer({ min: 0, max: 4 }) })),
});

const sync = leadSync({ lists: [hotLeads] });

function tierOf({ score }: Lead): string {
  return score !== null && score >= 50 ? 'hot' : 'cold';
}

async function setModel(world: SyncWorld, rows: Step['model']): Promise<void> {
  await world.leads(...Object.entries(rows).map(([key, row]) => [key, row.email, row.score, tierOf(row)] as const));
}

/** Dies at a statement that writes, after so many of them. */
function mortal(warehouse: Warehouse, after: number): Warehouse {
  let left = after;
  const live = slowWarehouse(warehouse, { secondsPerStatement: 0 });
  const breathe = () => {
    left -= 1;
    if (left < 0) throw new Error('killed');
  };
  return {
    ...live,
    script: async (statements, options) => {
      breathe();
      return live.script(statements, options);
    },
    append: async (table, columns, rows, options) => {
      breathe();
      return live.append(table, columns, rows, options);
    },
  };
}

async function runStep(world: SyncWorld, { model: rows, dies }: Step): Promise<void> {
  await setModel(world, rows);
  const plan = await world.plan(sync);
  if (dies === null) return void (await world.apply(plan));
  let left = dies.after;
  world.hubspot.beforeWrite = () => {
    left -= 1;
    if (dies.at === 'call' && left < 0) throw new Error('killed');
  };
  const warehouse = dies.at === 'statement' ? mortal(world.warehouse, dies.after) : world.warehouse;
  await world.apply(plan, { warehouse }).catch((error: Error) => expect(error.message).toBe('killed'));
  world.hubspot.beforeWrite = () => {};
}

/** What HubSpot must hold: the rows that have a match value to themselves, and of the list no one else but refused rows. */
function expectHubSpotToEqual(world: SyncWorld, rows: Step['model']): void {
  const values = world.hubspot.values('contacts');
  const contacts = world.hubspot.stored('contacts');
  const idOf = (email: string) => contacts.find(({ properties }) => properties.email === email)?.id ?? `no ${email}`;
  expect(new Set(contacts.map(({ properties }) => properties.email)).size).toBe(contacts.length);
  const matched = Object.values(rows).flatMap((row) =>
    row.email === null ? [] : [{ ...row, email: row.email.toLowerCase() }],
  );
  const isAlone = ({ email }: { email: string }) => matched.filter((each) => each.email === email).length === 1;
  for (const row of matched.filter(isAlone)) {
    const score = row.score === null ? {} : { lead_score: String(row.score) };
    expect(values[row.email]).toMatchObject({ lead_tier: tierOf(row), ...score });
  }
  const members = world.hubspot.members('Hot leads');
  const hot = matched.filter((row) => isAlone(row) && tierOf(row) === 'hot').map(({ email }) => idOf(email));
  const refused = matched.filter((row) => !isAlone(row)).map(({ email }) => idOf(email));
  expect(members).toEqual(expect.arrayContaining(hot));
  expect([...hot, ...refused]).toEqual(expect.arrayContaining([...members]));
}

test('whatever dies in between, the next whole run makes HubSpot equal the model, and one more changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 3 }), model, async (steps, last) => {
      const world = await openSyncWorld();
      try {
        for (const each of steps) await runStep(world, each);
        await runStep(world, { model: last, dies: null });
        expectHubSpotToEqual(world, last);
        const writes = world.hubspot.writes.length;
        const plan = await world.plan(sync);
        expect(hasOperations(plan)).toBe(false);
        await world.apply(plan);
        expect(world.hubspot.writes).toHaveLength(writes);
      } finally {
        await world.dispose();
      }
    }),
    { numRuns: Number(process.env.SYNC_CONVERGENCE_RUNS ?? 5) },
  );
}, 600_000);
