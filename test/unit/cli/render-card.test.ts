import { expect, test } from 'vitest';
import { plainPainter } from '../../../src/cli/render/painter.ts';
import { cardLines } from '../../../src/cli/render/render-card.ts';
import type { ExplainedRule } from '../../../src/scoring/explained-rule.ts';
import type { Explanation } from '../../../src/scoring/read-explanation.ts';

const rule = (facts: Partial<ExplainedRule>): ExplainedRule => ({
  id: 'pricing',
  label: 'Pricing',
  kind: 'event',
  beforeLimit: 8,
  points: 8,
  found: null,
  events: null,
  members: null,
  ...facts,
});

const shown = (...rules: readonly ExplainedRule[]) =>
  cardLines({ rules, groups: [], base: 0 } as unknown as Explanation, { timeZone: 'UTC', paint: plainPainter }).map(
    (line) => line.replaceAll(/ {2,}/g, '  '),
  );

test('a rule shows what came between its events and its points', () => {
  const at = '2026-01-31T09:00:00.000Z';
  const event = { relation: 'views', at, value: null, link: null, points: 0, pointsLeft: 0 };
  const events = {
    count: 2,
    takenToday: 0,
    shown: [
      { ...event, counts: true },
      { ...event, counts: false },
    ],
  };
  expect(shown(rule({ found: '1', events }))).toEqual([
    '  Pricing  +8  1 counts',
    expect.stringMatching(/views {2}counts$/),
    expect.stringMatching(/views {2}does not count$/),
  ]);
  expect(shown(rule({ beforeCurve: 30, beforeLimit: 12.5, limit: 10, points: 10 }))).toEqual([
    '  Pricing  +10  30 before the curve, 12.5 before the limit of 10',
  ]);
  expect(shown(rule({ kind: 'absence', found: '3', points: -6, beforeLimit: -6 }))).toEqual(['  Pricing  -6  3 times']);
  const silent = { kind: 'absence', found: '0', points: -6, beforeLimit: -6, events } as const;
  expect(shown(rule(silent))).toEqual(['  Pricing  -6  last on 2026-01-31']);
});
