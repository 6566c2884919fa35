import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hasOperations } from '../../../src/sync/plan-types.ts';
import {
  leadSync,
  openSyncWorld,
  property,
  type SyncWorld,
  scoredAtProperty,
  scoreProperty,
  tierProperty,
} from '../../support/sync-world.ts';

let world: SyncWorld;
beforeEach(async () => {
  world = await openSyncWorld();
});
afterEach(() => world.dispose());

/** Record writes since the last call. */
function takeWrites() {
  return world.hubspot.writes.splice(0).filter(({ call }) => call === 'create' || call === 'update');
}

test('creates what is missing and updates what is there', async () => {
  world.hubspot.seed('contacts', { email: 'ann@one.example' });
  await world.leads(['1', 'Ann@One.example ', 72.5, 'hot'], ['2', 'bob@two.example', 12, 'cold']);
  const result = await world.run(leadSync());
  expect(result).toMatchObject({ planned: 2, created: 1, updated: 1, unchanged: 0, rejected: 0, deferred: 0 });
  expect(world.hubspot.values('contacts')).toEqual({
    'ann@one.example': { lead_score: '72.5', lead_tier: 'hot' },
    'bob@two.example': { lead_score: '12', lead_tier: 'cold' },
  });
});

test('never creates in mode update, and looks unmatched rows up again each time', async () => {
  await world.leads(['1', 'ann@one.example', 72], ['2', null, 12], ['3', ' ', 12]);
  const sync = leadSync({ mode: 'update' });
  expect(await world.run(sync)).toMatchObject({ planned: 0, created: 0, unmatched: 3 });
  expect(world.hubspot.stored('contacts')).toEqual([]);
  world.hubspot.seed('contacts', { email: 'ann@one.example' });
  expect(await world.run(sync)).toMatchObject({ planned: 1, updated: 1, unmatched: 2 });
  expect(world.hubspot.resolved).toEqual(['ann@one.example', 'ann@one.example']);
});

test('an unchanged run has no operations and makes no write call', async () => {
  await world.leads(['1', 'ann@one.example', 72, 'hot'], ['2', 'bob@two.example', 12, 'cold']);
  await world.run(leadSync());
  takeWrites();
  const plan = await world.plan(leadSync());
  expect(hasOperations(plan)).toBe(false);
  expect(plan.rows).toMatchObject({ model: 2, unchanged: 2, creates: 0, updates: 0 });
  expect(await world.apply(plan)).toMatchObject({ planned: 0, unchanged: 2, api_calls: 0 });
  expect(world.hubspot.writes).toEqual([]);
});

test('sends only the properties that changed, and keeps old and new values in the ledger', async () => {
  await world.leads(['1', 'ann@one.example', 72, 'hot'], ['2', 'bob@two.example', 12, 'cold']);
  await world.run(leadSync());
  const [, before] = world.hubspot.stored('contacts');
  world.hubspot.refuse = (values) => ('lead_tier' in values ? { category: 'TEST', message: 'tier was sent' } : null);
  await world.leads(['1', 'ann@one.example', 72, 'hot'], ['2', 'bob@two.example', 14.5, 'cold']);
  expect(await world.run(leadSync())).toMatchObject({ planned: 1, updated: 1, unchanged: 1, rejected: 0 });
  expect(world.hubspot.values('contacts')['bob@two.example']).toEqual({ lead_score: '14.5', lead_tier: 'cold' });
  const ledger = await world.table('ledger');
  expect(ledger.at(-1)).toMatchObject({
    operation: 'update',
    outcome: 'updated',
    model_key: '2',
    record_id: before?.id,
    old_values: '{"lead_score":"12"}',
    new_values: '{"lead_score":"14.5"}',
    attempt: 1,
  });
});

describe('the dead band', () => {
  const sync = leadSync({ properties: [{ ...scoreProperty, minChange: 0.2 }, tierProperty] });

  test('holds back a change smaller than min_change, measured from what HubSpot accepted last', async () => {
    await world.leads(['1', 'ann@one.example', 50.1, 'warm']);
    await world.run(sync);
    await world.leads(['1', 'ann@one.example', 50.2, 'warm']);
    expect(await world.run(sync)).toMatchObject({ planned: 0, suppressed: 1, unchanged: 0 });
    await world.leads(['1', 'ann@one.example', 50.29, 'warm']);
    expect(await world.run(sync)).toMatchObject({ planned: 0, suppressed: 1 });
    // 50.3 - 50.1 is a little less than 0.2 in binary numbers.
    await world.leads(['1', 'ann@one.example', 50.3, 'warm']);
    expect(await world.run(sync)).toMatchObject({ planned: 1, updated: 1, suppressed: 0 });
  });

  test('is open while the tier moves, and for a value that comes or goes', async () => {
    await world.leads(['1', 'ann@one.example', 49.9, 'cold'], ['2', 'bob@two.example', null, 'cold']);
    await world.run(leadSync({ properties: [{ ...scoreProperty, minChange: 5 }] }));
    await world.leads(['1', 'ann@one.example', 50, 'warm'], ['2', 'bob@two.example', 1, 'cold']);
    const result = await world.run(leadSync({ properties: [{ ...scoreProperty, minChange: 5 }] }));
    expect(result).toMatchObject({ planned: 2, updated: 2, suppressed: 0 });
  });

  test('lets small changes travel along with a large one', async () => {
    const two = leadSync({ properties: [{ ...scoreProperty, minChange: 5 }, property('seats', { type: 'number' })] });
    const rows = (score: number, seats: number) =>
      world.score(
        `select '1' as lead_id, 'ann@one.example' as email, ${score} as score, 'hot' as tier, ${seats} as seats`,
      );
    await rows(50, 10);
    await world.run(two);
    await rows(51, 11);
    await world.run(two);
    expect(world.hubspot.values('contacts')).toEqual({ 'ann@one.example': { lead_score: '51', seats: '11' } });
  });
});

describe('properties that are sent with changes only', () => {
  const sync = leadSync({ properties: [scoreProperty, scoredAtProperty] });
  const rows = (score: number, asOf: string) =>
    world.score(
      `select '1' as lead_id, 'ann@one.example' as email, ${score} as score, 'hot' as tier, timestamptz '${asOf}' as as_of`,
    );

  test('do not cause a write: a row that differs in them alone is suppressed', async () => {
    await rows(50, '2026-01-30 00:00:00+00');
    await world.run(sync);
    takeWrites();
    await rows(50, '2026-01-31 00:00:00+00');
    expect(await world.run(sync)).toMatchObject({ planned: 0, unchanged: 0, suppressed: 1 });
    expect(takeWrites()).toEqual([]);
  });

  test('go along with another change', async () => {
    await rows(50, '2026-01-30 00:00:00+00');
    await world.run(sync);
    await rows(51, '2026-01-31 00:00:00+00');
    expect(await world.run(sync)).toMatchObject({ planned: 1, updated: 1 });
    expect(world.hubspot.values('contacts')['ann@one.example']).toEqual({
      lead_score: '51',
      lead_scored_at: '2026-01-31T00:00:00Z',
    });
  });
});

describe('nulls', () => {
  test('leave the value in HubSpot alone where the property says skip', async () => {
    await world.leads(['1', 'ann@one.example', 50, 'warm']);
    await world.run(leadSync());
    await world.leads(['1', 'ann@one.example', null, 'hot']);
    expect(await world.run(leadSync())).toMatchObject({ updated: 1 });
    expect(world.hubspot.values('contacts')['ann@one.example']).toEqual({ lead_score: '50', lead_tier: 'hot' });
    expect(await world.run(leadSync())).toMatchObject({ planned: 0, unchanged: 1 });
    await world.leads(['1', 'ann@one.example', 50, 'hot']);
    expect(await world.run(leadSync())).toMatchObject({ planned: 0, unchanged: 1 });
  });

  test('empty the property where it says clear, once', async () => {
    const sync = leadSync({ properties: [{ ...scoreProperty, nulls: 'clear' }, tierProperty] });
    await world.leads(['1', 'ann@one.example', 50, 'warm']);
    await world.run(sync);
    await world.leads(['1', 'ann@one.example', null, 'warm']);
    expect(await world.run(sync)).toMatchObject({ updated: 1 });
    expect(world.hubspot.values('contacts')['ann@one.example']).toEqual({ lead_tier: 'warm' });
    expect(await world.run(sync)).toMatchObject({ planned: 0, unchanged: 1 });
  });

  test('begin to clear when the sync is changed to say so', async () => {
    await world.leads(['1', 'ann@one.example', 50, 'warm']);
    await world.run(leadSync());
    await world.leads(['1', 'ann@one.example', null, 'hot']);
    await world.run(leadSync());
    const sync = leadSync({ properties: [{ ...scoreProperty, nulls: 'clear' }, tierProperty] });
    expect(await world.run(sync)).toMatchObject({ updated: 1 });
    expect(world.hubspot.values('contacts')['ann@one.example']).toEqual({ lead_tier: 'hot' });
  });
});

test('a property that is new to the sync is sent for every row, alone', async () => {
  await world.leads(['1', 'ann@one.example', 50, 'warm']);
  await world.run(leadSync({ properties: [scoreProperty] }));
  world.hubspot.refuse = (values) => ('lead_score' in values ? { category: 'TEST', message: 'score was sent' } : null);
  expect(await world.run(leadSync())).toMatchObject({ updated: 1, rejected: 0 });
  expect(world.hubspot.values('contacts')['ann@one.example']).toEqual({ lead_score: '50', lead_tier: 'warm' });
});

describe('rows refused while planning', () => {
  test('are counted with their reason and never sent, and the others are written', async () => {
    await world.score(`select * from (values ('1', 'ann@one.example', cast('nan' as double)), ('2', 'bob@two.example', 5))
v (lead_id, email, score), (select 'hot' as tier)`);
    const plan = await world.plan(leadSync());
    expect(plan.rows).toMatchObject({ model: 2, creates: 2, rejected: 1 });
    expect(plan.rejected).toEqual([
      { key: '1', category: 'INVALID_VALUE', message: 'The value of lead_score is not finite, or has too many digits' },
    ]);
    expect(await world.apply(plan)).toMatchObject({ planned: 2, created: 1, rejected: 1 });
    expect(Object.keys(world.hubspot.values('contacts'))).toEqual(['bob@two.example']);
    const refused = (await world.table('ledger')).filter((row) => row.outcome === 'rejected');
    expect(refused).toMatchObject([{ model_key: '1', category: 'INVALID_VALUE', attempt: 0, operation: 'create' }]);
  });

  test('are those that share a match value, both named, the one that was written before too', async () => {
    await world.leads(['1', 'ann@one.example', 50, 'warm']);
    await world.run(leadSync());
    await world.leads(['1', 'ann@one.example', 50, 'warm'], ['2', 'ANN@one.example', 60, 'hot']);
    const plan = await world.plan(leadSync());
    expect(plan.rows).toMatchObject({ model: 2, updates: 2, rejected: 2, unchanged: 0 });
    expect(plan.rejected.map(({ key, message }) => [key, message])).toEqual([
      ['1', 'The rows 1 and 2 have the same email'],
      ['2', 'The rows 2 and 1 have the same email'],
    ]);
    expect(await world.apply(plan)).toMatchObject({ planned: 2, rejected: 2 });
    expect(world.hubspot.values('contacts')).toEqual({ 'ann@one.example': { lead_score: '50', lead_tier: 'warm' } });
  });

  test('are those that lead to one record by different addresses', async () => {
    world.hubspot.seed('contacts', { email: 'ann@one.example', hs_additional_emails: 'ann@private.example' });
    await world.leads(['1', 'ann@one.example', 50, 'warm'], ['2', 'ann@private.example', 60, 'hot']);
    const plan = await world.plan(leadSync());
    expect(plan.rejected.map(({ category }) => category)).toEqual(['DUPLICATE_RECORD', 'DUPLICATE_RECORD']);
    expect(plan.rejected[0]?.message).toMatch(/The rows 1 and 2 lead to the same record \d+/);
  });

  test('are those that lead to the record of a row that is as it was', async () => {
    world.hubspot.seed('contacts', { email: 'ann@one.example', hs_additional_emails: 'ann@private.example' });
    await world.leads(['1', 'ann@one.example', 50, 'warm']);
    await world.run(leadSync());
    await world.leads(['1', 'ann@one.example', 50, 'warm'], ['2', 'ann@private.example', 60, 'hot']);
    expect(await world.run(leadSync())).toMatchObject({ planned: 1, rejected: 1, unchanged: 1 });
    expect(world.hubspot.values('contacts')['ann@one.example']).toMatchObject({ lead_score: '50' });
  });

  test('are companies whose domain several records have', async () => {
    const ids = [1, 2].map(() => world.hubspot.seed('companies', { domain: 'one.example' }));
    const sync = leadSync({ object: 'companies', match: { property: 'domain', column: 'email' } });
    await world.leads(['1', 'one.example', 50, 'warm']);
    const plan = await world.plan(sync);
    expect(plan.rejected).toMatchObject([{ key: '1', category: 'AMBIGUOUS_MATCH' }]);
    for (const id of ids) expect(plan.rejected[0]?.message).toContain(id);
  });
});

test('a row that HubSpot refuses is data, and the others are written', async () => {
  world.hubspot.refuse = ({ lead_score }) =>
    lead_score === '13'
      ? { category: 'VALIDATION_ERROR', message: 'unlucky', property: 'lead_score', correlationId: 'c-9' }
      : null;
  await world.leads(['1', 'ann@one.example', 13, 'hot'], ['2', 'bob@two.example', 12, 'cold']);
  expect(await world.run(leadSync())).toMatchObject({ planned: 2, created: 1, rejected: 1 });
  const [refused] = (await world.table('ledger')).filter((row) => row.outcome === 'rejected');
  expect(refused).toMatchObject({
    category: 'VALIDATION_ERROR',
    message: 'unlucky',
    property: 'lead_score',
    correlation_id: 'c-9',
    new_values: '{"lead_score":"13","lead_tier":"hot"}',
  });
});

describe('records that move, merge and vanish', () => {
  test('a match value that moved to another record is a full write there', async () => {
    const first = world.hubspot.seed('contacts', { email: 'ann@one.example' });
    const second = world.hubspot.seed('contacts', { email: 'ann@two.example' });
    await world.leads(['1', 'ann@one.example', 50, 'warm']);
    await world.run(leadSync());
    await world.leads(['1', 'ann@two.example', 50, 'warm']);
    expect(await world.run(leadSync())).toMatchObject({ planned: 1, updated: 1 });
    expect(world.hubspot.values('contacts')).toEqual({
      'ann@one.example': { lead_score: '50', lead_tier: 'warm' },
      'ann@two.example': { lead_score: '50', lead_tier: 'warm' },
    });
    const snapshot = await world.table('snapshot');
    expect(snapshot.map(({ model_key, record_id }) => [model_key, record_id]).sort()).toEqual([
      [`1 (record ${first})`, first],
      ['1', second],
    ]);
    expect(await world.run(leadSync())).toMatchObject({ planned: 0, unchanged: 1 });
  });

  test('a second address of the same record is no change', async () => {
    world.hubspot.seed('contacts', { email: 'ann@one.example', hs_additional_emails: 'ann@private.example' });
    await world.leads(['1', 'ann@one.example', 50, 'warm']);
    await world.run(leadSync());
    takeWrites();
    await world.leads(['1', 'ann@private.example', 50, 'warm']);
    expect(await world.run(leadSync())).toMatchObject({ planned: 0, unchanged: 1 });
    await world.leads(['1', 'ann@private.example', 51, 'warm']);
    world.hubspot.refuse = (values) => ('lead_tier' in values ? { category: 'TEST', message: 'tier was sent' } : null);
    expect(await world.run(leadSync())).toMatchObject({ updated: 1, rejected: 0 });
  });

  test('a row takes over the record of one that left the model, which is then written anew if it comes back', async () => {
    world.hubspot.seed('contacts', { email: 'ann@one.example' });
    await world.leads(['1', 'ann@one.example', 50, 'warm']);
    await world.run(leadSync());
    await world.leads(['2', 'ann@one.example', 60, 'hot']);
    expect(await world.run(leadSync())).toMatchObject({ updated: 1, rejected: 0 });
    expect(await world.table('snapshot')).toMatchObject([{ model_key: '2' }]);
    await world.leads(['1', 'ann@one.example', 50, 'warm']);
    expect(await world.run(leadSync())).toMatchObject({ updated: 1 });
    expect(world.hubspot.values('contacts')['ann@one.example']).toEqual({ lead_score: '50', lead_tier: 'warm' });
  });

  test('a merged record is found again by its address and written there in full, in the same run', async () => {
    const loser = world.hubspot.seed('contacts', { email: 'ann@one.example' });
    const winner = world.hubspot.seed('contacts', { email: 'ann@private.example' });
    await world.leads(['1', 'ann@one.example', 50, 'warm'], ['2', 'bob@two.example', 12, 'cold']);
    await world.run(leadSync());
    world.hubspot.merge(winner, loser);
    await world.leads(['1', 'ann@one.example', 51, 'warm'], ['2', 'bob@two.example', 12, 'cold']);
    expect(await world.run(leadSync())).toMatchObject({ planned: 1, updated: 1, rejected: 0, unchanged: 1 });
    expect(world.hubspot.values('contacts')['ann@private.example']).toMatchObject({
      lead_score: '51',
      lead_tier: 'warm',
    });
    const attempts = (await world.table('ledger')).filter((row) => row.model_key === '1').slice(1);
    expect(attempts).toMatchObject([
      { outcome: 'vanished', record_id: loser, attempt: 1 },
      { outcome: 'updated', record_id: winner, attempt: 2 },
    ]);
    expect(await world.run(leadSync())).toMatchObject({ planned: 0, unchanged: 2 });
  });

  test('two rows whose records were merged are not written over each other', async () => {
    const loser = world.hubspot.seed('contacts', { email: 'ann@one.example' });
    const winner = world.hubspot.seed('contacts', { email: 'ann@private.example' });
    await world.leads(['1', 'ann@one.example', 50, 'warm'], ['2', 'ann@private.example', 12, 'cold']);
    await world.run(leadSync());
    world.hubspot.merge(winner, loser);
    await world.leads(['1', 'ann@one.example', 51, 'warm'], ['2', 'ann@private.example', 12, 'cold']);
    expect(await world.run(leadSync())).toMatchObject({ planned: 1, updated: 0, rejected: 1 });
    expect(world.hubspot.values('contacts')['ann@private.example']).toMatchObject({ lead_score: '12' });
    const last = (await world.table('ledger')).at(-1);
    expect(last).toMatchObject({ outcome: 'rejected', category: 'DUPLICATE_RECORD' });
  });

  test('a deleted record is rejected once, then unmatched, and never created again', async () => {
    await world.leads(['1', 'ann@one.example', 50, 'warm']);
    await world.run(leadSync());
    world.hubspot.remove('contacts', world.hubspot.stored('contacts')[0]?.id ?? '');
    await world.leads(['1', 'ann@one.example', 51, 'warm']);
    expect(await world.run(leadSync())).toMatchObject({ planned: 1, rejected: 1 });
    expect(await world.run(leadSync())).toMatchObject({ planned: 0, unmatched: 1 });
    expect(world.hubspot.stored('contacts')).toEqual([]);
    world.hubspot.seed('contacts', { email: 'ann@one.example' });
    expect(await world.run(leadSync())).toMatchObject({ planned: 1, updated: 1 });
    expect(world.hubspot.values('contacts')).toEqual({ 'ann@one.example': { lead_score: '51', lead_tier: 'warm' } });
  });
});

test('a row that left the model is kept', async () => {
  await world.leads(['1', 'ann@one.example', 50, 'warm'], ['2', 'bob@two.example', 12, 'cold']);
  await world.run(leadSync());
  await world.leads(['1', 'ann@one.example', 50, 'warm']);
  expect(await world.run(leadSync())).toMatchObject({ planned: 0, cleared: 0, unchanged: 1 });
  expect(world.hubspot.values('contacts')['bob@two.example']).toEqual({ lead_score: '12', lead_tier: 'cold' });
});

test('another portal starts from an empty snapshot', async () => {
  await world.leads(['1', 'ann@one.example', 50, 'warm']);
  await world.run(leadSync());
  world.hubspot.usePortal(2002);
  const plan = await world.plan(leadSync());
  expect(plan).toMatchObject({ firstSync: true, portal: { portalId: 2002 }, rows: { updates: 0, unchanged: 1 } });
});

test('a sync of another name has a snapshot of its own and shares the identities', async () => {
  await world.leads(['1', 'ann@one.example', 50, 'warm']);
  await world.run(leadSync());
  world.hubspot.resolved.length = 0;
  const other = leadSync({
    name: 'leads_again',
    properties: [property('score_copy', { column: 'score', type: 'number' })],
  });
  expect(await world.run(other)).toMatchObject({ planned: 1, updated: 1 });
  // The record is known, so that its values are read by its id.
  expect(world.hubspot.resolved).toEqual([world.hubspot.stored('contacts')[0]?.id]);
});

test('companies are created by a unique key of our own', async () => {
  const sync = leadSync({ object: 'companies', match: { property: 'domain', column: 'email' } });
  await world.leads(['1', 'One.Example', 50, 'warm']);
  const plan = await world.plan(sync);
  expect(plan.schema.properties.map(({ name }) => name)).toContain('scoreline_key');
  expect(await world.apply(plan)).toMatchObject({ created: 1 });
  expect(world.hubspot.values('companies')).toEqual({
    'one.example': { scoreline_key: 'one.example', lead_score: '50', lead_tier: 'warm' },
  });
  expect(await world.run(sync)).toMatchObject({ planned: 0, unchanged: 1 });
});

test('keys of any kind are told apart, with every odd character', async () => {
  const keys = ['a', 'A', '#1', 'x/y?z%', 'say "hi"', "it's", 'über', '{}'];
  const values = keys.map((key, index) => `('${key.replaceAll("'", "''")}', 'p${index}@one.example', ${index})`);
  await world.score(`select *, 'hot' as tier from (values ${values.join(', ')}) v (lead_id, email, score)`);
  expect(await world.run(leadSync())).toMatchObject({ created: keys.length });
  expect((await world.table('snapshot')).map((row) => row.model_key).sort()).toEqual([...keys].sort());
  expect(await world.run(leadSync())).toMatchObject({ planned: 0, unchanged: keys.length });
});

test('match values are in identities and nowhere else in the state', async () => {
  world.hubspot.refuse = ({ lead_score }) => (lead_score === '13' ? { category: 'X', message: 'no' } : null);
  await world.leads(
    ['1', 'ann@one.example', 50, 'hot'],
    ['2', 'bob@two.example', 13, 'cold'],
    ['3', 'ANN@one.example', 1],
  );
  await world.run(leadSync());
  for (const name of [
    'runs',
    'plans',
    'candidates',
    'lookups',
    'plan_rows',
    'ledger',
    'snapshot',
    'lists',
    'memberships',
  ] as const) {
    expect(JSON.stringify(await world.table(name)).toLowerCase(), name).not.toContain('.example');
  }
  const identities = await world.table('identities');
  expect(identities.map((row) => row.match_value).sort()).toEqual(['ann@one.example', 'bob@two.example']);
});
