import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { GuardLimit, Guards } from '../../../src/project/sync-types.ts';
import type { GuardFacts } from '../../../src/sync/guard-facts.ts';
import { foreseeNulls, judgeGuards } from '../../../src/sync/guards.ts';

const off: Guards = { maxChanged: {}, maxRemoved: {}, maxCreated: {}, maxTierMoves: {}, maxNull: {}, minRows: 0 };

function facts(settings: Partial<GuardFacts> = {}): GuardFacts {
  const none = { rows: 0, example: null };
  return {
    modelRows: 100,
    snapshotRows: 100,
    changed: none,
    changedInKnown: settings.changed?.rows ?? 0,
    removed: none,
    created: none,
    tierMoves: none,
    tieredRows: 100,
    nulls: [{ property: 'lead_score', rows: 0, example: null }],
    lists: [],
    newProperties: [],
    allNew: false,
    ...settings,
  };
}

const rows = (count: number) => ({ rows: count, example: count === 0 ? null : 'P17' });

/** Each guard with the facts in which `count` rows are what it counts. */
const cases: readonly (readonly [keyof Guards, string, (count: number) => Partial<GuardFacts>])[] = [
  ['maxChanged', 'max_changed', (count) => ({ changed: rows(count) })],
  ['maxRemoved', 'max_removed', (count) => ({ removed: rows(count) })],
  ['maxRemoved', 'max_removed', (count) => ({ lists: [{ list: 'hot', removed: count }] })],
  ['maxCreated', 'max_created', (count) => ({ created: rows(count) })],
  ['maxTierMoves', 'max_tier_moves', (count) => ({ tierMoves: rows(count) })],
  ['maxNull', 'max_null', (count) => ({ nulls: [{ property: 'lead_score', ...rows(count) }] })],
];

describe.each(cases)('%s', (key, name, counted) => {
  const judge = (limit: GuardLimit, settings: Partial<GuardFacts>) =>
    judgeGuards({ ...off, [key]: limit }, facts(settings)).map(({ guard }) => guard);

  test('trips strictly above its share, for every share and size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 1000 }), (percent, hundreds) => {
        const all = { modelRows: hundreds * 100, snapshotRows: hundreds * 100, tieredRows: hundreds * 100 };
        const share = { shareRatio: percent / 100 };
        expect(judge(share, { ...all, ...counted(percent * hundreds) })).toEqual([]);
        expect(judge(share, { ...all, ...counted(percent * hundreds + 1) })).toEqual([name]);
      }),
    );
  });

  test('trips strictly above its number of rows, on a first sync too', () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.nat(20_000), fc.boolean(), (limit, count, isFirst) => {
        const first = isFirst ? { snapshotRows: 0, newProperties: ['lead_score'], allNew: true } : {};
        expect(judge({ rows: limit }, { ...first, ...counted(count) })).toEqual(count > limit ? [name] : []);
      }),
    );
  });

  test('has no share on a first sync, nor while one goes on', () => {
    const first = { newProperties: ['lead_score'], allNew: true };
    expect(judge({ shareRatio: 0.01 }, { ...first, snapshotRows: 0, tieredRows: 0, ...counted(100) })).toEqual([]);
    expect(judge({ shareRatio: 0.01 }, { ...first, snapshotRows: 40, ...counted(60) })).toEqual([]);
  });

  test('never trips where it is off', () => {
    fc.assert(
      fc.property(fc.nat(), (count) => {
        expect(judge({}, counted(count))).toEqual([]);
      }),
    );
  });

  test('with both limits trips above either', () => {
    const both = { shareRatio: 0.2, rows: 10 };
    expect(judge(both, counted(10))).toEqual([]);
    expect(judge(both, counted(11))).toEqual([name]);
    expect(judge({ shareRatio: 0.2, rows: 1000 }, counted(21))).toEqual([name]);
  });
});

test('a violation names the number, the limit and an example row', () => {
  const [violation] = judgeGuards({ ...off, maxChanged: { shareRatio: 0.5 } }, facts({ changed: rows(51) }));
  expect(violation).toEqual({
    guard: 'max_changed',
    of: null,
    rows: 51,
    ofRows: 100,
    limit: '50%',
    example: 'P17',
    message: '51 rows would be changed (51%), such as P17; max_changed is 50% of 100 rows in the snapshot',
  });
});

test('rows in which only new properties changed count for numbers and not for shares', () => {
  const changed = { changed: rows(100), changedInKnown: 3, newProperties: ['added'] };
  const nulls = ['lead_score', 'added'].map((property) => ({ property, ...rows(100) }));
  expect(judgeGuards({ ...off, maxChanged: { shareRatio: 0.1 } }, facts({ ...changed, nulls }))).toEqual([]);
  expect(judgeGuards({ ...off, maxChanged: { shareRatio: 0.02 } }, facts({ ...changed, nulls }))).toMatchObject([
    { rows: 3 },
  ]);
  expect(judgeGuards({ ...off, maxChanged: { rows: 99 } }, facts({ ...changed, nulls }))).toMatchObject([
    { rows: 100 },
  ]);
  expect(judgeGuards({ ...off, maxNull: { shareRatio: 0.1 } }, facts({ ...changed, nulls }))).toMatchObject([
    { of: 'lead_score' },
  ]);
});

test('min_rows trips below, on a first sync too', () => {
  const judge = (modelRows: number) => judgeGuards({ ...off, minRows: 5 }, facts({ modelRows, snapshotRows: 0 }));
  expect(judge(5)).toEqual([]);
  expect(judge(4)).toMatchObject([{ guard: 'min_rows', message: 'the model has 4 rows; min_rows is 5' }]);
});

test('every guard that trips is told, in one go', () => {
  const all = facts({ changed: rows(90), created: rows(90), removed: rows(90), tierMoves: rows(90) });
  const strict: Guards = {
    maxChanged: { rows: 1 },
    maxRemoved: { rows: 1 },
    maxCreated: { rows: 1 },
    maxTierMoves: { rows: 1 },
    maxNull: { rows: 1 },
    minRows: 101,
  };
  expect(judgeGuards(strict, all).map(({ guard }) => guard)).toEqual([
    'max_changed',
    'max_removed',
    'max_created',
    'max_tier_moves',
    'min_rows',
  ]);
});

test('nulls of a new property are foreseen, once they would stop the next plan', () => {
  const nulls = [
    { property: 'lead_score', ...rows(6) },
    { property: 'lead_tier', ...rows(5) },
  ];
  const newProperties = ['lead_score', 'lead_tier'];
  const guards = { ...off, maxNull: { shareRatio: 0.05 } };
  const first = facts({ nulls, newProperties, allNew: true, snapshotRows: 0 });
  expect(judgeGuards(guards, first)).toEqual([]);
  expect(foreseeNulls(guards, first).map(({ of }) => of)).toEqual(['lead_score']);
  expect(foreseeNulls(guards, facts({ nulls }))).toEqual([]);
});
