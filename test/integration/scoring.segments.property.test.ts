import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import type { RuleChange, ScorecardModel } from '../../src/project/model-types.ts';
import type { Rule } from '../../src/project/rule-types.ts';
import { rulePointsColumn } from '../../src/project/scorecard-columns.ts';
import {
  eventColumns,
  leadColumns,
  logins,
  meaningOfSql,
  randomCard,
  randomEvents,
  randomLeads,
  views,
} from '../support/random-card.ts';
import { type DataRow, type ReferenceData, referenceScore } from '../support/reference-score.ts';
import { ScoringWorld } from '../support/scoring-world.ts';

const asOf = '2026-01-31T12:00:00.000Z';
const timeZone = 'UTC';
const world = await ScoringWorld.open(timeZone);
afterAll(() => world.close());

const days = (amount: number) => ({ amount, unit: 'day' }) as const;
const millionths = (decimal: unknown) => Math.round(Number(decimal) * 1_000_000);

/** What the segments' predicates mean. */
const predicates = [
  { when: 'seats > 5', holds: (lead: DataRow) => Number(lead.seats ?? 0) > 5 },
  { when: "seniority = 'vp'", holds: (lead: DataRow) => lead.seniority === 'vp' },
] as const;

const randomChange: fc.Arbitrary<RuleChange> = fc.record(
  {
    points: fc.constantFrom(-7, 0, 2.5, 4),
    limit: fc.constantFrom<RuleChange['limit']>('none', 3, 11.25),
    within: fc.constantFrom<RuleChange['within']>('none', days(2), days(40)),
    decay: fc.constantFrom<RuleChange['decay']>(
      'none',
      { kind: 'half_life', halfLife: days(5) },
      { kind: 'linear', to: days(12) },
    ),
  },
  { requiredKeys: [] },
);

/** The part of a change that goes with the rule: what contradicts it would be refused. */
function fitting(rule: Rule, { points, limit, within, decay }: RuleChange): RuleChange | null {
  if (rule.curve !== undefined) return null;
  switch (rule.kind) {
    case 'event': {
      const isPlain = [rule.atLeast, rule.between, rule.session, rule.recover].every((each) => each === undefined);
      const hasBands = typeof rule.points === 'object' && 'bands' in rule.points;
      return isPlain && !hasBands ? { points, limit, within, decay } : null;
    }
    case 'attribute':
    case 'numeric':
      return { points, limit };
    default:
      return null;
  }
}

/** The rule as the segment's people have it. */
function changed(rule: Rule, change: RuleChange): Rule {
  const { points = rule.points, limit = rule.limit } = change;
  const common = { points, limit: limit === 'none' ? undefined : limit };
  if (rule.kind !== 'event') return { ...rule, ...common } as Rule;
  const { within = rule.within, decay = rule.decay } = change;
  return {
    ...rule,
    ...common,
    within: within === 'none' ? undefined : within,
    decay: decay === 'none' ? undefined : decay,
  } as Rule;
}

it('gives everyone the points of their segment, for random cards, changes and data', async () => {
  const property = fc.asyncProperty(
    randomCard,
    fc.array(fc.array(randomChange, { minLength: 8, maxLength: 8 }), { minLength: 2, maxLength: 2 }),
    randomLeads,
    randomEvents(asOf, timeZone),
    randomEvents(asOf, timeZone),
    async (card, changes, leads, loginEvents, viewEvents) => {
      await world.table('leads', leadColumns, leads);
      await world.table('logins', eventColumns(loginEvents.timeType), loginEvents.rows);
      await world.table('views', eventColumns(viewEvents.timeType), viewEvents.rows);
      const segments = predicates.map(({ when }, segment) => {
        const rules = card.rules.flatMap((rule, index) => {
          const change = fitting(rule, changes[segment]?.[index] ?? {});
          return change === null ? [] : [[rule.id, change] as const];
        });
        return { name: `segment_${segment}`, when, rules: new Map(rules), tiers: new Map() };
      });
      const rows = await world.score({ ...card, segments }, { asOf, tables: ['leads', 'logins', 'views'] });

      const events = new Map([
        [logins, loginEvents.rows],
        [views, viewEvents.rows],
      ]);
      const data: ReferenceData = { entities: leads, events, key: 'lead_id', asOf, timeZone, sql: meaningOfSql };
      for (const lead of leads) {
        const segment = segments[predicates.findIndex(({ holds }) => holds(lead))];
        const own: ScorecardModel = {
          ...card,
          rules: card.rules.map((rule) => changed(rule, segment?.rules.get(rule.id) ?? {})),
        };
        const row = rows.get(String(lead.lead_id)) ?? {};
        const rules = card.rules.map(({ id }) => [id, millionths(row[rulePointsColumn(id)])] as const);
        const { tier, reasons } = row;
        expect(row.segment).toBe(segment?.name ?? null);
        const met = { rules: new Map(rules), score: millionths(row.score), tier, reasons };
        expect(met).toEqual(referenceScore(own, lead, data));
      }
    },
  );
  await fc.assert(property, { numRuns: 15 });
});
