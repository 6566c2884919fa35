import { describe, expect, test } from 'vitest';
import { sandboxClient } from './sandbox-client.ts';

const base = '/crm/v3/lists';
const hotLeads = { name: 'Hot leads', objectTypeId: '0-1', processingType: 'MANUAL' };

async function listOf(memberCount: number) {
  const sandbox = await sandboxClient();
  const people = Array.from({ length: memberCount }, (_, n) => ({ email: `p${n}@example.com` }));
  const ids = memberCount === 0 ? [] : await sandbox.seed('contacts', ...people);
  const { body } = await sandbox.call('POST', `${base}/`, hotLeads);
  const { listId } = (body as { list: { listId: string } }).list;
  const members = (verb: string, body: unknown) => sandbox.call('PUT', `${base}/${listId}/memberships/${verb}`, body);
  return { ...sandbox, ids, listId, members };
}

describe('lists', () => {
  test('rule 25: a new one is answered 200 and found by id and by name, without regard to case', async () => {
    const { call } = await sandboxClient();
    const made = await call('POST', base, hotLeads);
    expect(made).toMatchObject({
      status: 200,
      body: { list: { listId: '1', listVersion: 1, processingStatus: 'COMPLETE', ...hotLeads } },
    });
    expect((await call('GET', `${base}/1`)).body).toEqual(made.body);
    expect((await call('GET', `${base}/object-type-id/0-1/name/hot%20LEADS`)).body).toEqual(made.body);
    expect((await call('GET', `${base}/object-type-id/0-1/name/none`)).status).toBe(404);
    expect((await call('GET', `${base}/object-type-id/0-2/name/Hot%20leads`)).status).toBe(404);
    expect((await call('GET', `${base}/2`)).status).toBe(404);
  });

  test('rule 25: names with slashes and other odd characters are found', async () => {
    const { call } = await sandboxClient();
    const name = 'A/B? 100% #1 "hot"';
    await call('POST', base, { ...hotLeads, name });
    const { body } = await call('GET', `${base}/object-type-id/0-1/name/${encodeURIComponent(name)}`);
    expect(body).toMatchObject({ list: { name } });
  });

  test('rule 25: a taken name is a 400 with its own subcategory', async () => {
    const { call } = await sandboxClient();
    await call('POST', base, hotLeads);
    expect(await call('POST', base, { ...hotLeads, name: 'HOT LEADS' })).toMatchObject({
      status: 400,
      body: { category: 'VALIDATION_ERROR', subCategory: 'ILS.DUPLICATE_LIST_NAMES' },
    });
  });

  test('refuses a list of no type or kind', async () => {
    const { call } = await sandboxClient();
    for (const change of [
      { objectTypeId: 'contacts' },
      { objectTypeId: '0-99' },
      { processingType: 'STATIC' },
      { name: '' },
    ]) {
      const status = (await call('POST', base, { ...hotLeads, ...change })).status;
      expect({ change, status }).toEqual({ change, status: 400 });
    }
    expect((await call('POST', base, { ...hotLeads, processingType: 'DYNAMIC' })).status).toBe(400);
  });

  test('can be renamed, deleted and restored, and a deleted name is free', async () => {
    const { call } = await sandboxClient();
    await call('POST', base, hotLeads);
    expect((await call('PUT', `${base}/1/update-list-name?listName=Warm`)).body).toMatchObject({
      updatedList: { name: 'Warm', listVersion: 2 },
    });
    expect((await call('DELETE', `${base}/1`)).status).toBe(204);
    expect((await call('GET', `${base}/1`)).status).toBe(404);
    expect((await call('PUT', `${base}/1/restore`)).status).toBe(204);
    expect((await call('GET', `${base}/object-type-id/0-1/name/warm`)).status).toBe(200);
  });

  test('are found by a part of their name and by their kind', async () => {
    const { call } = await sandboxClient();
    for (const name of ['Hot leads', 'Cold leads', 'Partners']) await call('POST', base, { ...hotLeads, name });
    const { body } = await call('POST', `${base}/search`, { query: 'LEADS', count: 1, processingTypes: ['MANUAL'] });
    expect(body).toMatchObject({ total: 2, hasMore: true, offset: 1, lists: [{ name: 'Hot leads' }] });
    expect((await call('GET', `${base}?listIds=1&listIds=3&listIds=9`)).body).toMatchObject({
      lists: [{ listId: '1' }, { listId: '3' }],
    });
  });

  test('rule 25: v1 paths are gone', async () => {
    const { call } = await sandboxClient();
    expect((await call('GET', '/contacts/v1/lists')).status).toBe(404);
  });
});

describe('memberships', () => {
  test('rule 25: are added and removed by a bare array, and the reply is spelled as HubSpot spells it', async () => {
    const { members, ids } = await listOf(3);
    const [a = '', b = '', c = ''] = ids;
    expect(await members('add', [a, b, a, '999'])).toMatchObject({
      status: 200,
      body: { recordsIdsAdded: [a, b], recordIdsRemoved: [], recordIdsMissing: ['999'] },
    });
    expect((await members('add', [b, c])).body).toMatchObject({ recordsIdsAdded: [c], recordIdsMissing: [] });
    expect((await members('remove', [a, '999'])).body).toMatchObject({
      recordIdsRemoved: [a],
      recordIdsMissing: ['999'],
    });
    const both = { recordIdsToAdd: [a], recordIdsToRemove: [b] };
    expect((await members('add-and-remove', both)).body).toMatchObject({ recordsIdsAdded: [a], recordIdsRemoved: [b] });
    expect((await members('add', { ids: [a] })).status).toBe(400);
    expect((await members('add', ['a@example.com'])).status).toBe(400);
  });

  test('rule 25: the other spelling can be switched on beside it', async () => {
    const { members, ids, control } = await listOf(1);
    await control('PATCH', '/settings', { switches: { listReplySpelledTwice: true } });
    expect((await members('add', ids)).body).toMatchObject({ recordsIdsAdded: ids, recordIdsAdded: ids });
  });

  test('rule 25: those of a dynamic list cannot be changed', async () => {
    const { call, seed } = await sandboxClient();
    const [id] = await seed('contacts', { email: 'a@example.com' });
    const filterBranch = { filterBranchType: 'OR', filterBranches: [], filters: [] };
    await call('POST', base, { ...hotLeads, processingType: 'DYNAMIC', filterBranch });
    expect((await call('PUT', `${base}/1/memberships/add`, [id])).status).toBe(400);
  });

  test('rule 25: pages hold 250 at most and lead through all members, both ways', async () => {
    const { call, members, ids, listId } = await listOf(260);
    await members('add', ids.toReversed());
    const path = `${base}/${listId}/memberships`;
    expect((await call('GET', `${path}?limit=251`)).status).toBe(400);
    for (const [order, expected] of [
      ['', ids],
      ['/join-order', ids.toReversed()],
    ] as const) {
      const first = (await call('GET', `${path}${order}?limit=250`)).body as MembersPage;
      const second = (await call('GET', `${path}${order}?limit=250&after=${first.paging.next?.after}`))
        .body as MembersPage;
      expect([...first.results, ...second.results].map(({ recordId }) => recordId)).toEqual(expected);
      expect(second.paging.next).toBeUndefined();
      const back = (await call('GET', `${path}${order}?limit=250&before=${second.paging.prev?.before}`)).body;
      expect(back).toMatchObject({ results: first.results });
    }
    expect((await call('GET', path)).body).toHaveProperty('results.length', 100);
  });

  test('rule 25: deleted records leave the list, merged ones pass their place on', async () => {
    const { call, members, ids, listId, control } = await listOf(3);
    const [a = '', b = '', c = ''] = ids;
    await members('add', [a, b]);
    await control('POST', '/delete', { object: 'contacts', ids: [a] });
    await control('POST', '/merge', { object: 'contacts', winner: c, loser: b });
    expect((await call('GET', `${base}/${listId}/memberships`)).body).toMatchObject({ results: [{ recordId: c }] });
    expect((await members('add', [a, b])).body).toMatchObject({ recordsIdsAdded: [], recordIdsMissing: [a, b] });
    expect((await call('GET', `${base}/records/0-1/${c}/memberships`)).body).toMatchObject({ results: [{ listId }] });
  });

  test('can be emptied, and filled from another list', async () => {
    const { call, members, ids, listId } = await listOf(2);
    await members('add', ids);
    await call('POST', base, { ...hotLeads, name: 'Copy' });
    expect((await call('PUT', `${base}/2/memberships/add-from/${listId}`)).status).toBe(204);
    expect((await call('DELETE', `${base}/${listId}/memberships`)).status).toBe(204);
    expect((await call('GET', `${base}/2`)).body).toMatchObject({ list: { size: 2 } });
    expect((await call('GET', `${base}/${listId}`)).body).toMatchObject({ list: { size: 0 } });
  });
});

interface MembersPage {
  readonly results: readonly { readonly recordId: string }[];
  readonly paging: { readonly next?: { readonly after: string }; readonly prev?: { readonly before: string } };
}
