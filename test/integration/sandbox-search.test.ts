import { describe, expect, test } from 'vitest';
import { type Answer, resultIds, sandboxClient } from './sandbox-client.ts';

const filter = (propertyName: string, operator: string, rest: object = {}) => ({ propertyName, operator, ...rest });

async function companySearch(settings = {}) {
  const sandbox = await sandboxClient({ settings: { limits: { searchPerSecond: null }, ...settings } });
  const search = (body: object): Promise<Answer> => sandbox.call('POST', '/crm/v3/objects/companies/search', body);
  const find = async (...filters: readonly object[]) =>
    resultIds(await search({ limit: 200, filterGroups: [{ filters }] }));
  return { ...sandbox, search, find };
}

const refused = { status: 400, body: { category: 'VALIDATION_ERROR' } };

describe('search', () => {
  test('finds companies by domain, all that share it', async () => {
    const { seed, find } = await companySearch();
    const [a, b, c] = await seed('companies', { domain: 'a.io' }, { domain: 'b.io' }, { domain: 'A.io' });
    expect(await find(filter('domain', 'IN', { values: ['a.io', 'z.io'] }))).toEqual([a, c]);
    expect(await find(filter('domain', 'EQ', { value: 'B.IO' }))).toEqual([b]);
    expect(await find(filter('domain', 'IN', { values: ['A.io'] }))).toEqual([]);
  });

  test('sees changed and deleted records as they are now', async () => {
    const { seed, find, batch, control } = await companySearch();
    const [a, b] = await seed('companies', { domain: 'a.io' }, { domain: 'b.io' });
    expect(await find(filter('domain', 'EQ', { value: 'a.io' }))).toEqual([a]);
    await batch('companies update', [{ id: a, properties: { domain: 'b.io' } }]);
    expect(await find(filter('domain', 'EQ', { value: 'a.io' }))).toEqual([]);
    expect(await find(filter('domain', 'EQ', { value: 'b.io' }))).toEqual([a, b]);
    await control('POST', '/delete', { object: 'companies', ids: [b] });
    expect(await find(filter('domain', 'EQ', { value: 'b.io' }))).toEqual([a]);
  });

  test('knows every operator', async () => {
    const { seed, find } = await companySearch();
    const [small, large, unknown] = await seed(
      'companies',
      { name: 'Small Ltd', numberofemployees: '9' },
      { name: 'Large Corp', numberofemployees: '100' },
      { name: 'Unknown' },
    );
    const employees = (operator: string, rest: object) => find(filter('numberofemployees', operator, rest));
    expect(await employees('EQ', { value: '9.0' })).toEqual([small]);
    expect(await employees('NEQ', { value: '9' })).toEqual([large, unknown]);
    expect(await employees('LT', { value: '100' })).toEqual([small]);
    expect(await employees('LTE', { value: '100' })).toEqual([small, large]);
    expect(await employees('GT', { value: '9' })).toEqual([large]);
    expect(await employees('GTE', { value: '9' })).toEqual([small, large]);
    expect(await employees('BETWEEN', { value: '5', highValue: '50' })).toEqual([small]);
    expect(await employees('NOT_IN', { values: ['9'] })).toEqual([large, unknown]);
    expect(await employees('HAS_PROPERTY', {})).toEqual([small, large]);
    expect(await employees('NOT_HAS_PROPERTY', {})).toEqual([unknown]);
    expect(await find(filter('name', 'CONTAINS_TOKEN', { value: 'corp' }))).toEqual([large]);
    expect(await find(filter('name', 'CONTAINS_TOKEN', { value: 'sm*' }))).toEqual([small]);
    expect(await find(filter('name', 'NOT_CONTAINS_TOKEN', { value: 'corp' }))).toEqual([small, unknown]);
    expect(await find(filter('hs_object_id', 'IN', { values: [large, '1'] }))).toEqual([large]);
    expect(await find(filter('createdate', 'EQ', { value: '2026-05-04T12:00:00Z' }))).toEqual([small, large, unknown]);
  });

  test('joins filters by and, groups by or', async () => {
    const { seed, find, search } = await companySearch();
    const [a, b] = await seed('companies', { domain: 'a.io', city: 'Ulm' }, { domain: 'b.io', city: 'Ulm' });
    expect(await find(filter('city', 'EQ', { value: 'ulm' }), filter('domain', 'EQ', { value: 'b.io' }))).toEqual([b]);
    const filterGroups = ['a.io', 'b.io'].map((value) => ({ filters: [filter('domain', 'EQ', { value })] }));
    expect(resultIds(await search({ filterGroups }))).toEqual([a, b]);
  });

  test('sorts by one property, records without a value last, and else by age', async () => {
    const { seed, search } = await companySearch();
    const [a, b, c] = await seed('companies', { numberofemployees: '9' }, { numberofemployees: '100' }, {});
    const order = async (sorts?: readonly unknown[]) =>
      ((await search({ sorts })).body as { results: { id: string }[] }).results.map(({ id }) => id);
    expect(await order()).toEqual([a, b, c]);
    expect(await order(['-numberofemployees'])).toEqual([b, a, c]);
    expect(await order([{ propertyName: 'numberofemployees', direction: 'ASCENDING' }])).toEqual([a, b, c]);
  });

  test('rule 22: pages hold 200 at most, and nothing is beyond 10,000', async () => {
    const { search, seed } = await companySearch();
    const ids = await seed('companies', ...Array.from({ length: 12 }, () => ({ city: 'Ulm' })));
    const first = await search({});
    expect(resultIds(first)).toHaveLength(10);
    expect(first.body).toMatchObject({ total: 12, paging: { next: { after: '10' } } });
    expect(resultIds(await search({ after: '10', limit: 200 }))).toEqual(ids.slice(10));
    expect(await search({ limit: 201 })).toMatchObject(refused);
    expect((await search({ after: '9800', limit: 200 })).status).toBe(200);
    expect(await search({ after: '9801', limit: 200 })).toMatchObject(refused);
  });

  test('rule 22: refuses what HubSpot’s limits of one search exclude', async () => {
    const { search } = await companySearch();
    const city = filter('city', 'EQ', { value: 'Ulm' });
    const group = (count: number) => ({ filters: Array.from({ length: count }, () => city) });
    const groups = (...counts: readonly number[]) => ({ filterGroups: counts.map(group) });
    expect((await search(groups(6, 6, 6))).status).toBe(200);
    expect(await search(groups(7))).toMatchObject(refused);
    expect(await search(groups(1, 1, 1, 1, 1, 1))).toMatchObject(refused);
    expect(await search(groups(6, 6, 6, 1))).toMatchObject(refused);
    expect(await search({ sorts: ['city', 'name'] })).toMatchObject(refused);
    expect(await search({ query: 'x'.repeat(3_000) })).toMatchObject(refused);
    expect(await search({ filterGroups: [{ filters: [filter('nonsense', 'EQ', { value: '1' })] }] })).toMatchObject(
      refused,
    );
    expect(await search({ filterGroups: [{ filters: [filter('city', 'LIKE', { value: '1' })] }] })).toMatchObject(
      refused,
    );
  });

  test('rule 22: with a delay it sees neither new records nor new values until it is over', async () => {
    const { seed, batch, find, clock } = await companySearch({ searchDelayMs: 5_000 });
    const [a = ''] = await seed('companies', { domain: 'old.io' });
    const isAt = async (value: string) => (await find(filter('domain', 'EQ', { value }))).includes(a);
    expect(await isAt('old.io')).toBe(false);
    clock.advance(5_000);
    expect(await isAt('old.io')).toBe(true);
    await batch('companies update', [{ id: a, properties: { domain: 'new.io' } }]);
    clock.advance(4_999);
    expect([await isAt('old.io'), await isAt('new.io')]).toEqual([true, false]);
    clock.advance(1);
    expect([await isAt('old.io'), await isAt('new.io')]).toEqual([false, true]);
  });
});
