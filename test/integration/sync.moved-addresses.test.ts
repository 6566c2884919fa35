import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type HttpWorld, openHttpWorld } from '../support/http-world.ts';
import { leadSync, scoreProperty } from '../support/sync-world.ts';
import { ann, bob } from '../support/troubled-leads.ts';

const mirror = { mode: 'mirror', removed: 'clear' } as const;

describe('a match value that is another record’s, or nobody’s, by now', () => {
  let http: HttpWorld;
  beforeEach(async () => {
    http = await openHttpWorld();
  });
  afterEach(() => http.dispose());
  const contacts = async () =>
    Object.fromEntries(
      (await http.sandbox.records('contacts')).map(({ properties }) => [properties.email, properties.lead_score]),
    );
  const idOf = async (email: string) =>
    (await http.sandbox.records('contacts')).find(({ properties }) => properties.email === email)?.id;

  test('an address that moved with its row is free for another row', async () => {
    const { world, hubspot } = http;
    await world.leads(ann);
    await world.run(leadSync(), { hubspot });
    await http.call('PATCH', `/crm/v3/objects/contacts/${await idOf('ann@one.example')}`, {
      properties: { email: 'ann@new.example' },
    });
    await world.leads(['1', 'ann@new.example', 50, 'warm'], ['2', 'ann@one.example', 7, 'cold']);
    const result = await world.run(leadSync(), { hubspot });
    expect.soft(result).toMatchObject({ created: 1, rejected: 0 });
    expect(await contacts()).toEqual({ 'ann@new.example': '50', 'ann@one.example': '7' });
  });

  test('without the first run', async () => {
    const { world, hubspot, sandbox } = http;
    await sandbox.seed('contacts', [{ email: 'ann@new.example' }]);
    await world.leads(['1', 'ann@new.example', 50, 'warm'], ['2', 'ann@one.example', 7, 'cold']);
    await world.run(leadSync(), { hubspot });
    expect(await contacts()).toEqual({ 'ann@new.example': '50', 'ann@one.example': '7' });
  });

  test('a new row does not write to a record that has not its address any more', async () => {
    const { world, hubspot } = http;
    await world.leads(ann);
    await world.run(leadSync(mirror), { hubspot });
    await world.leads(bob);
    await world.run(leadSync(mirror), { hubspot });
    await http.call('PATCH', `/crm/v3/objects/contacts/${await idOf('ann@one.example')}`, {
      properties: { email: 'zoe@other.example' },
    });
    await world.leads(['7', 'ann@one.example', 7, 'cold'], bob);
    await world.run(leadSync(mirror), { hubspot });
    expect((await contacts())['zoe@other.example'] ?? null).toBeNull();
  });

  test('a company that Scoreline made stays with its row when another row has its old domain', async () => {
    const { world, hubspot, sandbox } = http;
    const sync = leadSync({
      object: 'companies',
      match: { property: 'domain', column: 'email' },
      properties: [scoreProperty],
    });
    await world.leads(['1', 'acme.example', 50, 'warm']);
    await world.run(sync, { hubspot });
    const [company] = await sandbox.records('companies');
    await http.call('PATCH', `/crm/v3/objects/companies/${company?.id}`, { properties: { domain: 'acme.io' } });
    await world.leads(['1', 'acme.io', 50, 'warm'], ['2', 'acme.example', 7, 'cold']);
    for (const _ of [1, 2]) expect(await world.run(sync, { hubspot })).toMatchObject({ created: 0, updated: 0 });
    expect(await sandbox.records('companies')).toMatchObject([{ properties: { domain: 'acme.io', lead_score: '50' } }]);
  });
});
