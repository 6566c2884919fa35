import { describe, expect, test } from 'vitest';
import { plainPainter } from '../../../src/cli/render/painter.ts';
import { renderPlans } from '../../../src/cli/render/render-plan.ts';
import { renderSample } from '../../../src/cli/render/render-sample.ts';
import type { Plan, RowChange } from '../../../src/sync/plan-types.ts';

const plan: Plan = {
  planId: 'run-contacts',
  runId: 'run',
  createdAt: '2026-02-01T12:00:00.000Z',
  asOf: '2026-02-01T12:00:00.000Z',
  portal: { portalId: 4711, accountType: 'STANDARD', timeZone: 'US/Eastern' },
  sync: 'contacts',
  object: 'contacts',
  model: 'lead_score',
  mode: 'update',
  matchProperty: 'email',
  firstSync: false,
  rows: {
    model: 20,
    creates: 0,
    updates: 9,
    clears: 0,
    unchanged: 6,
    suppressed: 3,
    excluded: 0,
    unmatched: 2,
    waiting: 0,
    rejected: 1,
  },
  tiers: ['hot', 'warm', 'cold'],
  tierMoves: [
    { from: null, to: 'cold', rows: 1 },
    { from: 'hot', to: 'cold', rows: 2 },
    { from: 'cold', to: 'hot', rows: 3 },
    { from: 'cold', to: null, rows: 4 },
  ],
  foreign: [],
  schema: { group: null, properties: [], options: [] },
  lists: [],
  sample: [],
  rejected: [{ key: '7', category: 'DUPLICATE', message: 'The rows 7 and 8\nhave the same email' }],
  cost: { calls: 1, seconds: 1, dailyRatio: 0.2 },
  digest: 'd',
};

const view = { properties: new Map(), timeZone: 'UTC', isLocal: false, paint: plainPainter };

describe('a plan', () => {
  test('shows tiers from the highest to the lowest, then rows that are new or have none', () => {
    const lines = renderPlans([plan], view).split('\n');
    const start = lines.findIndex((line) => line.includes('from \\ to'));
    const words = lines.slice(start, start + 5).map((line) => line.trim().split(/ {2,}/));
    expect(words[0]).toEqual(['from \\ to', 'hot', 'cold', '(none)']);
    expect(words.slice(2)).toEqual([
      ['hot', '2'],
      ['cold', '3', '4'],
      ['(new)', '1'],
    ]);
  });

  test('shows tiers that the model has no more', () => {
    const text = renderPlans([{ ...plan, tiers: ['warm', 'cold'] }], view);
    expect(text).toMatch(/from \\ to +cold +hot +\(none\)\n/);
    expect(text).toMatch(/\n +hot +2\n/);
    // As of a rollback, which has no model.
    expect(renderPlans([{ ...plan, tiers: [] }], view)).toMatch(/from \\ to +cold +hot +\(none\)\n/);
  });

  test('counts what is refused, and shows why in one line', () => {
    const text = renderPlans([plan], view);
    expect(text).toContain('\n   9 update');
    expect(text).toContain('\n   1 refused');
    expect(text).toContain('1 row refused while planning');
    expect(text).toContain('7    The rows 7 and 8 have the same email');
    expect(text).toContain("Plan: 8 rows to send, about 1 call and 1.0 s, 20% of the day's calls.");
  });

  test('without operations says so', () => {
    const idle = { ...plan, rows: { ...plan.rows, updates: 0, rejected: 0 }, rejected: [], tierMoves: [] };
    expect(renderPlans([idle], view)).toMatch(/Nothing to send: HubSpot holds what the models say\.$/);
    expect(renderPlans([], view)).toBe('The project has no syncs: nothing to plan.');
  });
});

describe('the largest changes', () => {
  const known = [
    { name: 'score', column: 'score', type: 'number' },
    { name: 'why', column: 'reasons', type: 'string' },
    { name: 'since', column: 'first_seen', type: 'datetime' },
    { name: 'at', column: 'as_of', type: 'datetime' },
  ] as const;
  const change = (key: string, values: RowChange['values']): RowChange => ({
    key,
    operation: 'update',
    tier: null,
    values,
  });

  test('show a value before and after, a long one after alone, times as people write them', () => {
    const sample = [
      change('1', [
        { property: 'since', from: null, to: '1769904000000' },
        { property: 'score', from: '70', to: '79' },
        { property: 'why', from: 'old', to: 'Asked for a demo (+30); Viewed pricing' },
        { property: 'at', from: null, to: '1769904000000' },
      ]),
      change('2', [{ property: 'score', from: '5', to: null }]),
    ];
    const [, head = '', , first = '', second = ''] = renderSample(sample, known, plainPainter).split('\n');
    expect(head.trim().split(/ {2,}/)).toEqual(['key', 'score', 'why', 'since']);
    expect(first.trim().split(/ {2,}/)).toEqual([
      '~',
      '1',
      '70 → 79',
      'Asked for a demo (+30); Viewed pricing',
      '2026-02-01T00:00:00.000Z',
    ]);
    expect(second.trim().split(/ {2,}/)).toEqual(['~', '2', '5 → (empty)']);
  });

  test('stay narrow: keys and texts are cut, and more than six properties are counted', () => {
    const names = Array.from({ length: 9 }, (_, n) => `property_${n}`);
    const sample = [
      change(
        'k'.repeat(500),
        names.map((property) => ({ property, from: null, to: 'x'.repeat(500) })),
      ),
    ];
    const text = renderSample(sample, [], plainPainter);
    expect(text).toContain('and 3 more properties');
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(200);
  });
});
