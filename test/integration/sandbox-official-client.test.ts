import { Client } from '@hubspot/api-client';
import { FilterOperatorEnum } from '@hubspot/api-client/lib/codegen/crm/contacts/index.js';
import {
  PropertyCreateFieldTypeEnum,
  PropertyCreateTypeEnum,
} from '@hubspot/api-client/lib/codegen/crm/properties/index.js';
import { describe, expect, test } from 'vitest';
import { sandboxClient } from './sandbox-client.ts';

describe('the official client', () => {
  test('rule 29: reads every answer that a sync needs', async () => {
    const { url, token } = await sandboxClient();
    const { crm } = new Client({ accessToken: token, basePath: url });
    const groupName = 'scoreline';
    await crm.properties.groupsApi.create('contacts', { name: groupName, label: 'Scoreline' });
    const property = await crm.properties.coreApi.create('contacts', {
      name: 'score',
      label: 'Score',
      type: PropertyCreateTypeEnum.Number,
      fieldType: PropertyCreateFieldTypeEnum.Number,
      groupName,
    });
    expect(property).toMatchObject({ name: 'score', hasUniqueValue: false, createdAt: expect.any(Date) });
    const all = await crm.properties.coreApi.getAll('contacts');
    expect(all.results.find(({ name }) => name === 'score')).toEqual(property);

    const input = { id: 'a@example.com', idProperty: 'email', properties: { score: '5' }, objectWriteTraceId: 'row' };
    const made = await crm.contacts.batchApi.upsert({ inputs: [input] });
    const [contact] = made.results;
    expect(contact).toMatchObject({ _new: true, objectWriteTraceId: 'row', createdAt: expect.any(Date) });
    const id = contact?.id ?? '';
    const partial = await crm.contacts.batchApi.update({
      inputs: [
        { id, properties: { score: '6' }, objectWriteTraceId: '0' },
        { id: '1', properties: { score: '6' }, objectWriteTraceId: '1' },
      ],
    });
    expect(partial).toMatchObject({
      numErrors: 1,
      errors: [{ category: 'OBJECT_NOT_FOUND', context: { ids: ['1'] } }],
    });
    const read = await crm.contacts.batchApi.read({
      idProperty: 'email',
      inputs: [{ id: 'A@example.com' }],
      properties: ['score'],
      propertiesWithHistory: [],
    });
    expect(read.results).toMatchObject([{ id, properties: { score: '6' } }]);
    const found = await crm.contacts.searchApi.doSearch({
      filterGroups: [
        { filters: [{ propertyName: 'email', operator: FilterOperatorEnum.In, values: ['a@example.com'] }] },
      ],
    });
    expect(found).toMatchObject({ total: 1, results: [{ id }] });

    const { list } = await crm.lists.listsApi.create({ name: 'Hot', objectTypeId: '0-1', processingType: 'MANUAL' });
    const changed = await crm.lists.membershipsApi.add(list.listId, [id, '1']);
    expect(changed).toMatchObject({ recordsIdsAdded: [id], recordIdsMissing: ['1'] });
    expect(await crm.lists.listsApi.getByName('hot', '0-1')).toMatchObject({ list: { listId: list.listId, size: 1 } });
    const members = await crm.lists.membershipsApi.getPage(list.listId);
    expect(members.results).toMatchObject([{ recordId: id, membershipTimestamp: expect.any(Date) }]);
  });

  test('throws with the status and the envelope of a refusal', async () => {
    const { url, token } = await sandboxClient();
    const { crm } = new Client({ accessToken: token, basePath: url });
    await crm.contacts.basicApi.create({ properties: { email: 'a@example.com' } });
    const again = crm.contacts.basicApi.create({ properties: { email: 'a@example.com' } });
    await expect(again).rejects.toMatchObject({ code: 409, body: { category: 'CONFLICT' } });
  });
});
