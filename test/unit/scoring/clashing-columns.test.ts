import { expect, it } from 'vitest';
import { clashingColumns } from '../../../src/scoring/scored-relation.ts';

it('finds columns that a score table and the entity both have, whatever their case, and lets both have the key', () => {
  const scores = ['lead_id', 'score', 'tier', 'points__a'];
  expect(clashingColumns(scores, ['LEAD_ID', 'email', 'Tier', 'points__a'], 'lead_id')).toEqual(['Tier', 'points__a']);
  expect(clashingColumns(scores, ['lead_id', 'email'], 'lead_id')).toEqual([]);
});
