import { expect, test } from 'vitest';
import { planInWords } from '../../../src/operations/plan-in-words.ts';
import type { Plan } from '../../../src/sync/plan-types.ts';

function inWords(rows: Partial<Plan['rows']>, lists: Partial<Plan['lists'][number]>[] = []): string {
  const none = { creates: 0, updates: 0, clears: 0, rejected: 0 };
  const list = { name: 'Hot leads', adds: 0, removes: 0 };
  return planInWords({
    sync: 'contacts',
    rows: { ...none, ...rows },
    lists: lists.map((each) => ({ ...list, ...each })),
  } as unknown as Plan);
}

test('a plan in words names what it will do, and nothing else', () => {
  expect(inWords({})).toBe('contacts: nothing to send');
  expect(inWords({ unchanged: 5, unmatched: 2 }, [{}])).toBe('contacts: nothing to send');
  expect(inWords({ creates: 1, updates: 1200 })).toBe('contacts: 1 row to create, 1,200 rows to update');
  expect(inWords({ updates: 3, rejected: 2 }, [{ adds: 2, removes: 1 }])).toBe(
    'contacts: 3 rows to update, 2 members to add to Hot leads, 1 member to remove from Hot leads, 2 of these refused already',
  );
});
