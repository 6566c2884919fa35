import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectHubSpot } from '../../src/hubspot/connect-hubspot.ts';
import type { HubSpot } from '../../src/hubspot/types.ts';
import { type ControlledSandbox, controlledSandbox } from '../support/controlled-sandbox.ts';
import { InstantClock } from '../support/instant-clock.ts';

let sandbox: ControlledSandbox;
let hubspot: HubSpot;
/** Called before a call is made again. */
let retried: () => void;

beforeEach(async () => {
  sandbox = await controlledSandbox();
  const clock = new InstantClock();
  retried = () => {};
  hubspot = connectHubSpot({
    baseUrl: sandbox.url,
    token: sandbox.token,
    apiVersion: 'v3',
    dailyReserveRatio: 0,
    membersPerCall: 3,
    clock,
    onEvent: ({ kind }) => {
      if (kind === 'retry') retried();
    },
  });
});

afterEach(async () => {
  await hubspot.close();
  await sandbox.close();
});

const hot = { name: 'Hot leads & co. / 100%', object: 'contacts' };
const call = async (method: string, path: string, body?: unknown) => {
  const response = await fetch(`${sandbox.url}/crm/v3/lists${path}`, {
    method,
    headers: { authorization: `Bearer ${sandbox.token}`, 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  return response.status === 204 ? undefined : response.json();
};

async function membersOf(listId: string): Promise<readonly string[]> {
  const page = (await call('GET', `/${listId}/memberships?limit=250`)) as { results: { recordId: string }[] };
  return page.results.map(({ recordId }) => recordId).toSorted();
}

describe('a list', () => {
  it('is found by its id, then by its name, and not at all before it is made (facts 25)', async () => {
    expect(await hubspot.lists.find(hot)).toBeNull();
    const made = await hubspot.lists.create(hot);
    expect(made).toEqual({ listId: expect.any(String), name: hot.name, objectTypeId: '0-1', processingType: 'MANUAL' });
    expect(await hubspot.lists.find(hot)).toEqual(made);
    expect(await hubspot.lists.find({ ...hot, name: 'renamed since', listId: made.listId })).toEqual(made);
    expect(await hubspot.lists.find({ ...hot, listId: '99999' })).toEqual(made);
    await call('DELETE', `/${made.listId}`);
    expect(await hubspot.lists.find({ ...hot, listId: made.listId })).toBeNull();
  });

  it('is made once, whoever else makes it at the same time', async () => {
    const made = await hubspot.lists.create(hot);
    expect(await hubspot.lists.create(hot)).toEqual(made);
    await sandbox.addFaults({
      match: { method: 'POST', path: 'lists$' },
      times: 1,
      effect: { kind: 'drop', commit: true },
    });
    const other = await hubspot.lists.create({ ...hot, name: 'Cold leads' });
    expect(await hubspot.lists.find({ ...hot, name: 'Cold leads' })).toEqual(other);
  });

  it('is found where the answers about its making were unreadable', async () => {
    const path = '^/crm/v3/lists$';
    await sandbox.addFaults({
      match: { method: 'POST', path },
      times: 2,
      effect: { kind: 'broken_json', commit: true },
    });
    const list = await hubspot.lists.create(hot);
    expect(await hubspot.lists.find(hot)).toEqual(list);
  });

  it('says that its name is taken by a list of another object', async () => {
    await hubspot.lists.create({ ...hot, object: 'companies' });
    await expect(hubspot.lists.create(hot)).rejects.toMatchObject({ code: 'DESTINATION_REFUSED' });
  });

  it('shows what kind it is, so that a dynamic one can be refused', async () => {
    await call('POST', '', { name: 'Dynamic', objectTypeId: '0-1', processingType: 'DYNAMIC', filterBranch: {} });
    expect(await hubspot.lists.find({ name: 'dynamic', object: 'contacts' })).toMatchObject({
      processingType: 'DYNAMIC',
    });
  });

  it('gets and loses members, and says which ids are missing and which are new', async () => {
    const ids = await sandbox.seed(
      'contacts',
      Array.from({ length: 7 }, (_, index) => ({ email: `p${index}@acme.example` })),
    );
    const { listId } = await hubspot.lists.create(hot);
    const change = (operation: 'add' | 'remove', recordIds: readonly string[]) =>
      hubspot.lists.changeMembers({ operation, listId, recordIds });
    expect(hubspot.lists.membersPerCall).toBe(3);
    expect(await change('add', [...ids.slice(0, 2), '424242'])).toEqual({
      kind: 'changed',
      missing: ['424242'],
      added: ids.slice(0, 2),
    });
    // Who was a member before is told apart from who was added.
    expect(await change('add', ids.slice(1, 3))).toEqual({ kind: 'changed', missing: [], added: [ids[2]] });
    expect(await change('remove', ids.slice(2, 5))).toEqual({ kind: 'changed', missing: [] });
    expect(await membersOf(listId)).toEqual(ids.slice(0, 2).toSorted());
  });

  it('that is gone, or not to be changed by hand, refuses its members as data', async () => {
    expect(await hubspot.lists.changeMembers({ operation: 'add', listId: '424242', recordIds: ['1'] })).toMatchObject({
      kind: 'rejected',
      rejection: { category: 'OBJECT_NOT_FOUND' },
    });
  });

  it('is not taken for unchanged where an answer was lost before HubSpot put the call off', async () => {
    const { listId } = await hubspot.lists.create(hot);
    const lost = { match: { path: 'memberships' }, effect: { kind: 'broken_json', commit: true }, times: 1 } as const;
    for (const effect of [
      { kind: 'migrating', retryAfterSeconds: 3600 },
      { kind: 'status', status: 400 },
      { kind: 'rate_limited', policy: 'daily', retryAfterSeconds: 3600 },
    ] as const) {
      await sandbox.clearFaults();
      await sandbox.addFaults(lost, { match: { path: 'memberships' }, effect });
      expect(await hubspot.lists.changeMembers({ operation: 'add', listId, recordIds: ['1'] })).toMatchObject({
        kind: 'deferred',
        mayBeDone: true,
      });
    }
  });

  it('is not taken for unchanged where the run was interrupted after a lost answer', async () => {
    const { listId } = await hubspot.lists.create(hot);
    const run = new AbortController();
    await sandbox.addFaults({ match: { path: 'memberships' }, effect: { kind: 'broken_json', commit: true } });
    retried = () => run.abort(new Error('interrupted'));
    const change = { operation: 'add', listId, recordIds: ['1'] } as const;
    expect(await hubspot.lists.changeMembers(change, run.signal)).toMatchObject({
      kind: 'deferred',
      reason: 'the run was interrupted',
      mayBeDone: true,
    });
  });

  it('leaves members to the next run when the quota is spent', async () => {
    const { listId } = await hubspot.lists.create(hot);
    await sandbox.addFaults({
      match: { path: 'memberships' },
      effect: { kind: 'rate_limited', policy: 'daily', retryAfterSeconds: 3600 },
    });
    expect(await hubspot.lists.changeMembers({ operation: 'add', listId, recordIds: ['1'] })).toMatchObject({
      kind: 'deferred',
      mayBeDone: false,
      retryAt: expect.any(Date),
    });
  });

  it('changes its members once more after a lost answer', async () => {
    const ids = await sandbox.seed('contacts', [{ email: 'a@acme.example' }]);
    const { listId } = await hubspot.lists.create(hot);
    await sandbox.addFaults({ match: { path: 'memberships' }, times: 1, effect: { kind: 'drop', commit: true } });
    // Nobody can say now who was a member before.
    expect(await hubspot.lists.changeMembers({ operation: 'add', listId, recordIds: ids })).toEqual({
      kind: 'changed',
      missing: [],
    });
    expect(await membersOf(listId)).toEqual([...ids]);
  });

  it('changes its members once more after an answer that names nobody', async () => {
    const ids = await sandbox.seed('contacts', [{ email: 'a@acme.example' }]);
    const { listId } = await hubspot.lists.create(hot);
    await sandbox.addFaults({ match: { path: 'memberships' }, times: 1, effect: { kind: 'empty_results' } });
    await hubspot.lists.changeMembers({ operation: 'add', listId, recordIds: ids });
    expect(await membersOf(listId)).toEqual([...ids]);
  });
});
