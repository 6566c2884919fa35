import { afterEach, beforeEach, expect, test } from 'vitest';
import type { HubSpot } from '../../src/hubspot/types.ts';
import type { ControlledSandbox } from '../support/controlled-sandbox.ts';
import { type HttpWorld, openHttpWorld } from '../support/http-world.ts';
import { hotLeads, leadSync, property, type SyncWorld, scoreProperty, tierProperty } from '../support/sync-world.ts';

let world: SyncWorld;
let sandbox: ControlledSandbox;
let hubspot: HubSpot;
let http: HttpWorld;
beforeEach(async () => {
  http = await openHttpWorld({ settings: { log: { bodies: true } } });
  ({ world, sandbox, hubspot } = http);
});
afterEach(() => http.dispose());

/** Match values in the order in which they were sent. */
async function sentEmails(): Promise<readonly string[]> {
  const calls = await sandbox.requests(/batch\/(create|update)/);
  return calls.flatMap(({ requestBody }) => {
    const { inputs } = JSON.parse(requestBody ?? '{}') as { inputs: { properties: { email?: string } }[] };
    return inputs.flatMap(({ properties }) => properties.email ?? []);
  });
}

test('rows of the priority are in the calls before all others', async () => {
  await world.score(`select 'k' || i as lead_id, 'p' || i || '@one.example' as email, i as score,
    case when i % 3 = 0 then 'hot' else 'cold' end as tier from range(450) r (i)`);
  const sync = leadSync({ priority: "tier = 'hot'" });
  expect(await world.run(sync, { hubspot })).toMatchObject({ created: 450 });
  const calls = await sandbox.requests(/batch\/create/);
  expect(calls).toHaveLength(5);
  const order = (await sentEmails()).map((email) => Number(/\d+/.exec(email)?.[0]) % 3 === 0);
  expect(order).toHaveLength(450);
  // Calls go out side by side, so the order is that of calls: the second one alone may hold both.
  expect(order.slice(0, 100).every(Boolean)).toBe(true);
  expect(order.slice(200).some(Boolean)).toBe(false);
});

test('a plan names as many calls as applying it takes', async () => {
  // Ten members a call.
  hubspot = http.connect(sandbox.token, { membersPerCall: 10 });
  await sandbox.seed('contacts', [{ email: 'p1@one.example' }, { email: 'p2@one.example' }]);
  const rows = (hot: string) => `select 'k' || i as lead_id, 'p' || i || '@one.example' as email, i as score,
    case when ${hot} then 'hot' else 'cold' end as tier from range(250) r (i)`;
  const sync = leadSync({ mode: 'mirror', lists: [hotLeads] });
  const check = async () => {
    const plan = await world.plan(sync, { hubspot });
    const result = await world.apply(plan, { hubspot });
    expect(plan.cost.calls).toBe(result.api_calls);
    return result;
  };
  await world.score(rows('i < 25'));
  expect(await check()).toMatchObject({ created: 248, updated: 2, lists: [{ added: 25 }] });
  // Members leave and come, rows are changed, made and emptied, and an option is added.
  await world.score(
    `select * replace (case when score > 240 then 'lukewarm' else tier end as tier)
     from (${rows('i between 13 and 37')}) where score > 5 union all select 'new', 'new@one.example', 3, 'cold'`,
  );
  const lukewarm = { ...tierProperty, options: ['hot', 'cold', 'lukewarm'].map((value) => ({ value, label: value })) };
  Object.assign(sync, { properties: [scoreProperty, lukewarm] });
  expect(await check()).toMatchObject({ created: 1, updated: 29, cleared: 6, lists: [{ added: 13, removed: 13 }] });
  expect(await check()).toMatchObject({ planned: 0, api_calls: 0 });
});

test('an underscore in the name of a property stands for itself', async () => {
  for (const name of ['lead_score', 'leadxscore']) {
    await http.call('POST', '/crm/v3/properties/contacts', {
      name,
      label: name,
      type: 'number',
      fieldType: 'number',
      groupName: 'contactinformation',
    });
  }
  await sandbox.seed('contacts', [{ email: 'ann@one.example', leadxscore: '5' }]);
  await world.score(`select '1' as lead_id, 'ann@one.example' as email, 50 as score, 51 as other, 'hot' as tier`);
  const sync = leadSync({
    properties: [scoreProperty, property('leadxscore', { ...scoreProperty, name: 'leadxscore', column: 'other' })],
  });
  const plan = await world.plan(sync, { hubspot });
  expect(plan.foreign).toEqual([{ property: 'leadxscore', kept: 1, adopted: 0 }]);
  expect(await world.apply(plan, { hubspot })).toMatchObject({ updated: 1 });
  const [ann] = await sandbox.records('contacts');
  expect(ann?.properties).toMatchObject({ lead_score: '50', leadxscore: '5' });
});
