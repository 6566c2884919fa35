import { expect, test } from 'vitest';
import { inTierOrder } from '../../../src/project/tier-order.ts';

test('moves stand from the highest tier to the lowest, then tiers that are no more by name, then none', () => {
  const moves = ['old cold', null, 'cold', 'hot', 'elder'].flatMap((from) =>
    [null, 'cold', 'hot'].map((to) => ({ from, to })),
  );
  const ordered = inTierOrder(moves, ['hot', 'warm', 'cold']).map(({ from, to }) => `${from} ${to}`);
  expect(ordered).toEqual(
    ['hot', 'cold', 'elder', 'old cold', 'null'].flatMap((from) =>
      ['hot', 'cold', 'null'].map((to) => `${from} ${to}`),
    ),
  );
});
