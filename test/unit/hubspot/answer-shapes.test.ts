import { describe, expect, it } from 'vitest';
import {
  accountShape,
  batchShape,
  listShape,
  membershipShape,
  propertiesShape,
  propertyShape,
  searchShape,
} from '../../../src/hubspot/wire/answer-shapes.ts';

describe('the shape of a batch', () => {
  it('drops what is unknown and makes ids and values texts', () => {
    const shaped = batchShape({
      results: [{ id: 7, properties: { score: 4.5, tier: null, list: ['a'] }, url: 'https://x', warnings: [] }],
      surprise: true,
    });
    expect(shaped?.results).toEqual([
      { id: '7', objectWriteTraceId: undefined, new: false, properties: { score: '4.5', tier: null, list: null } },
    ]);
    expect(shaped).not.toHaveProperty('errors');
  });

  it('makes lists of texts in the context of errors', () => {
    const shaped = batchShape({
      results: [],
      errors: [{ category: 'CONFLICT', context: { name: 'abc' }, errors: 'none' }],
    });
    expect(shaped).toMatchObject({
      errors: [{ category: 'CONFLICT', context: { name: ['abc'] }, errors: [] }],
      numErrors: 1,
    });
  });

  it.each([{}, { results: 'none' }, { results: [null, 'x', { properties: {} }] }])('finds no result in %j', (json) => {
    expect(batchShape(json)).toMatchObject({ results: [] });
  });
});

describe('the other shapes', () => {
  it('are undefined where the answer is something else', () => {
    expect(propertiesShape({ results: 'x' })).toBeUndefined();
    expect(propertyShape({ label: 'no name' })).toBeUndefined();
    expect(listShape({ listId: '1' })).toBeUndefined();
    expect(membershipShape([])).toBeUndefined();
    expect(batchShape([])).toBeUndefined();
    expect(searchShape({ results: [] })).toBeUndefined();
    expect(accountShape({ portalId: 'none' })).toBeUndefined();
  });

  it('read one missing id like many, and none like an empty list', () => {
    expect(membershipShape({ recordIdsMissing: '5' })).toEqual({ recordIdsMissing: ['5'] });
    expect(membershipShape({ recordsIdsAdded: ['1'] })).toEqual({ recordIdsMissing: [], recordsIdsAdded: ['1'] });
  });

  it('read who was added in either spelling (facts 25)', () => {
    expect(membershipShape({ recordIdsAdded: ['1'] })).toEqual({ recordIdsMissing: [], recordsIdsAdded: ['1'] });
  });
});
