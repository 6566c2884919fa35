import { describe, expect, test } from 'vitest';
import type { Property } from '../../../src/hubspot/types.ts';
import type { CombineModel, ScorecardModel } from '../../../src/project/model-types.ts';
import { decideSchema } from '../../../src/sync/schema-changes.ts';
import { leadScore, leadSync, property, scoreProperty, tierProperty } from '../../support/sync-world.ts';

function existing(settings: Partial<Property> & { name: string }): Property {
  return {
    label: settings.name,
    description: '',
    type: 'string',
    fieldType: 'text',
    groupName: 'contactinformation',
    hasUniqueValue: false,
    readOnly: false,
    calculated: false,
    ...settings,
  };
}

function decide(properties: readonly Property[], sync = leadSync(), groups: readonly string[] = []) {
  return decideSchema({ sync, models: [leadScore], properties, groups, ownProperties: [] });
}

test('creates the group and the properties that are missing, the tiers as options in their order', () => {
  const { changes, problems } = decide([]);
  expect(problems).toEqual([]);
  expect(changes.group).toEqual({ name: 'scoreline', label: 'Scoreline' });
  expect(changes.properties.map(({ name, type, groupName }) => [name, type, groupName])).toEqual([
    ['lead_score', 'number', 'scoreline'],
    ['lead_tier', 'enumeration', 'scoreline'],
  ]);
  expect(changes.properties[1]?.options).toEqual([
    { value: 'hot', label: 'Hot' },
    { value: 'warm', label: 'Warm' },
    { value: 'cold', label: 'Cold' },
  ]);
});

test('has an option for those who are disqualified where a model may disqualify', () => {
  const disqualify = [{ id: 'rival', label: 'Competitor', when: 'true' }];
  const gated: ScorecardModel = { ...leadScore, disqualify };
  const [, tier] = decideSchema({ sync: leadSync(), models: [gated], properties: [], groups: [], ownProperties: [] })
    .changes.properties;
  expect(tier?.options?.map(({ value }) => value)).toEqual(['hot', 'warm', 'cold', 'disqualified']);
});

test('has an option for each grade of a combination', () => {
  const { rules: _, groups: __, base: ___, segments: ____, ...common } = leadScore;
  const model: CombineModel = {
    ...common,
    kind: 'combine',
    inputs: [{ name: 'fit', model: 'lead_score' }],
    score: 'fit',
    grade: { letter: { input: 'fit', thresholds: [70, 40] }, digit: { input: 'fit', thresholds: [50] } },
  };
  const sync = leadSync({ properties: [property('grade', { column: 'grade', type: 'enumeration' })] });
  const decided = decideSchema({ sync, models: [model], properties: [], groups: [], ownProperties: [] });
  expect(decided.problems).toEqual([]);
  const [grade] = decided.changes.properties;
  expect(grade?.options?.map(({ value }) => value)).toEqual(['A1', 'A2', 'B1', 'B2', 'C1', 'C2']);
});

test('describes a property by its model, its tiers and its strongest rules, and says who writes it', () => {
  const [score] = decide([]).changes.properties;
  expect(score?.description).toBe(
    'How much this person uses the product. Tiers: hot from 60, warm from 30, cold. ' +
      'Weighs most: Director or above (+30), Silent for a month (-10). ' +
      'Written by Scoreline from the model lead_score; changes made by hand are overwritten.',
  );
});

test('makes nothing where everything is there', () => {
  const there = [
    existing({ name: 'lead_score', type: 'number' }),
    existing({
      name: 'lead_tier',
      type: 'enumeration',
      options: ['hot', 'warm', 'cold'].map((value) => ({ value, label: value })),
    }),
  ];
  expect(decide(there)).toEqual({
    changes: { group: null, properties: [], options: [] },
    options: new Map([['lead_tier', ['hot', 'warm', 'cold']]]),
    problems: [],
  });
});

test("adds options that are missing in the model's order, and keeps HubSpot's own behind them", () => {
  const there = [
    existing({ name: 'lead_score', type: 'number' }),
    existing({
      name: 'lead_tier',
      type: 'enumeration',
      options: [
        { value: 'lost', label: 'Lost' },
        { value: 'hot', label: 'Very hot' },
      ],
    }),
  ];
  const [change, ...others] = decide(there).changes.options;
  expect(others).toEqual([]);
  expect(change?.added.map(({ value }) => value)).toEqual(['warm', 'cold']);
  expect(change?.all).toEqual([
    { value: 'hot', label: 'Very hot' },
    { value: 'warm', label: 'Warm' },
    { value: 'cold', label: 'Cold' },
    { value: 'lost', label: 'Lost' },
  ]);
});

test('a boolean is made with the two options that HubSpot asks for', () => {
  const sync = leadSync({ properties: [property('is_customer', { type: 'bool', field: 'booleancheckbox' })] });
  expect(decide([], sync).changes.properties[0]?.options?.map(({ value }) => value)).toEqual(['true', 'false']);
});

describe('problems, all at once, at the property in the file', () => {
  test('a property of another type, a read-only and a calculated one', () => {
    const sync = leadSync({ properties: [scoreProperty, tierProperty, property('hs_predictive')] });
    const { problems } = decide(
      [
        existing({ name: 'lead_score', type: 'string' }),
        existing({ name: 'lead_tier', type: 'enumeration', readOnly: true }),
        existing({ name: 'hs_predictive', calculated: true }),
      ],
      sync,
    );
    expect(problems.map(({ code, file, line, message }) => [code, file, line, message])).toEqual([
      ['SYNC_INVALID', 'syncs/leads.yml', 1, 'lead_score exists in HubSpot with type string, the sync says number'],
      ['SYNC_INVALID', 'syncs/leads.yml', 1, 'HubSpot lets nobody write lead_tier: it is read-only'],
      ['SYNC_INVALID', 'syncs/leads.yml', 1, 'HubSpot lets nobody write hs_predictive: it is calculated'],
    ]);
  });

  test('an enumeration whose options nobody says', () => {
    const { problems } = decideSchema({
      sync: leadSync({ properties: [tierProperty] }),
      models: [{ ...leadScore, tiers: [] }],
      properties: [],
      groups: [],
      ownProperties: [],
    });
    expect(problems).toMatchObject([{ message: 'the options of lead_tier are not known' }]);
  });
});
