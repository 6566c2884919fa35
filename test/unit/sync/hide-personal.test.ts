import { expect, test } from 'vitest';
import { hidePersonal } from '../../../src/sync/hide-personal.ts';
import { property } from '../../support/sync-world.ts';

const change = {
  key: 'P1',
  operation: 'update',
  tier: null,
  values: [
    { property: 'phone_copy', from: null, to: '+49 30 1' },
    { property: 'name_copy', from: 'Ann', to: 'Anne' },
    { property: 'lead_score', from: '1', to: '2' },
  ],
} as const;
const properties = [
  property('phone_copy', { column: 'phone' }),
  property('name_copy', { column: 'leads.name' }),
  property('lead_score', { column: 'score' }),
];

test('values of personal columns are hidden, that they change is not', () => {
  const [hidden] = hidePersonal([change], properties, new Set(['phone', 'name']));
  expect(hidden?.values).toEqual([
    { property: 'phone_copy', from: null, to: '(hidden)' },
    { property: 'name_copy', from: '(hidden)', to: '(hidden)' },
    { property: 'lead_score', from: '1', to: '2' },
  ]);
  expect(JSON.stringify(hidden)).not.toMatch(/Ann|49/);
});

test('all is shown where no column is personal', () => {
  expect(hidePersonal([change], properties, new Set())).toEqual([change]);
});
