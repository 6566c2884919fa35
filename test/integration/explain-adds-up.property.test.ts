import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { CombineModel, RuleChange, ScorecardModel, Tier } from '../../src/project/model-types.ts';
import type { Rule } from '../../src/project/rule-types.ts';
import { rulePointsColumn } from '../../src/project/scorecard-columns.ts';
import { disqualifiedTier } from '../../src/project/scored-model.ts';
import { addUp } from '../../src/scoring/add-up.ts';
import { compileCombine } from '../../src/scoring/compile-combine.ts';
import { explainCombine, readCombineFacts } from '../../src/scoring/explain-combine.ts';
import { explainScorecard } from '../../src/scoring/explain-scorecard.ts';
import type { ExplainedVerdict } from '../../src/scoring/explain-verdict.ts';
import { readExplanation } from '../../src/scoring/read-explanation.ts';
import type { Row } from '../../src/warehouse/port.ts';
import { eventColumns, leadColumns, randomCard, randomEvents, randomLeads } from '../support/random-card.ts';
import { file, scorecard } from '../support/scoring-context.ts';
import { ScoringWorld } from '../support/scoring-world.ts';

const asOf = '2026-01-31T12:00:00.000Z';
const world = await ScoringWorld.open();
afterAll(() => world.close());

const tiers = fc.constantFrom<readonly Tier[]>(
  [],
  [{ name: 'hot', at: 7 }, { name: 'warm', at: 2.5 }, { name: 'cold' }],
  [{ name: 'high', at: 0 }],
  [{ name: 'best', top: 0.2 }, { name: 'good', top: 0.5 }, { name: 'rest' }],
);
const names = ['hot', 'warm', 'cold', 'high', 'best', 'good', 'rest'];

/** What stands between a computed score and a tier: gates, tiers of a segment, hysteresis, and what people set. */
const randomVerdict = fc.record({
  tiers,
  gated: fc.constantFrom<ScorecardModel['disqualify']>([], [{ id: 'small', label: 'Small', when: 'seats = 3' }]),
  hysteresis: fc.constantFrom(undefined, 3),
  overridden: fc.boolean(),
  overrides: fc.array(
    fc.record({
      lead_id: fc.constantFrom(1, 2, 3),
      score: fc.constantFrom(null, 0, 6.5, 30),
      tier: fc.constantFrom(null, 'hot', 'rest', 'no such tier', disqualifiedTier),
    }),
    { maxLength: 2 },
  ),
  before: fc.array(fc.constantFrom(...names), { minLength: 3, maxLength: 3 }),
});
type RandomVerdict = typeof randomVerdict extends fc.Arbitrary<infer V> ? V : never;

const overrideColumns = { lead_id: 'integer', score: 'double', tier: 'varchar' };
const historyColumns = {
  model: 'varchar',
  key: 'varchar',
  as_of: 'timestamptz',
  tier: 'varchar',
  segment: 'varchar',
  model_version: 'varchar',
  cause: 'varchar',
};

/** @param rows the table's, for the segment and the version that the history must be of */
async function fillHistory(name: string, { before }: RandomVerdict, rows: ReadonlyMap<string, Row>): Promise<void> {
  const history = before.map((tier, index) => {
    const { segment, model_version } = rows.get(String(index + 1)) ?? {};
    const as_of = '2026-01-30T12:00:00Z';
    return { model: name, key: String(index + 1), as_of, tier, segment, model_version, cause: 'time' };
  });
  await world.table('score_history', historyColumns, history);
}

async function fillOverrides({ overrides }: RandomVerdict): Promise<void> {
  const distinct = new Map(overrides.map((row) => [row.lead_id, row]));
  await world.table('by_hand', overrideColumns, [...distinct.values()]);
}

const verdictFacts = ({ tiers: ladder, gated, hysteresis, overridden }: RandomVerdict) => ({
  tiers: ladder,
  disqualify: gated,
  // Shares have no thresholds to fall below.
  hysteresis: ladder.some(({ top }) => top !== undefined) ? undefined : hysteresis,
  overrides: overridden ? 'by_hand' : undefined,
});

/** What somebody can tell by hand from the lines of a verdict. */
function tierByHand({ tiers: ladder, gates, override, score }: ExplainedVerdict, inputs: readonly unknown[] = []) {
  if (override?.tier !== null && override?.tier !== undefined) return override.tier;
  const isOut = gates.some(({ holds }) => holds) || inputs.includes(disqualifiedTier);
  if (isOut && override === null) return disqualifiedTier;
  return ladder.find(({ from }) => from === null || score >= from)?.name ?? null;
}

const millionths = (decimal: unknown) => Math.round(Number(decimal) * 1_000_000);

/** Other points, where the rule takes a number of them. */
function changeOf(rule: Rule): RuleChange | null {
  if (rule.curve !== undefined || rule.kind === 'absence' || rule.kind === 'rollup') return null;
  const isPlain =
    rule.kind !== 'event' || [rule.atLeast, rule.session, rule.recover].every((each) => each === undefined);
  return isPlain && typeof rule.points === 'number' ? { points: 4 } : null;
}

describe('an explanation adds up to the table, for everyone', () => {
  it('of random cards with segments, gates, overrides, hysteresis and shares', async () => {
    const events = randomEvents(asOf, 'UTC');
    const property = fc.asyncProperty(
      randomCard,
      randomVerdict,
      randomLeads,
      events,
      events,
      async (drawn, verdict, leads, logins, views) => {
        await world.table('leads', leadColumns, leads);
        await world.table('logins', eventColumns(logins.timeType), logins.rows);
        await world.table('views', eventColumns(views.timeType), views.rows);
        await fillOverrides(verdict);
        const rules = drawn.rules.flatMap((rule) => {
          const change = changeOf(rule);
          return change === null ? [] : [[rule.id, change] as const];
        });
        const hot = new Map(verdict.tiers.some(({ name }) => name === 'hot') ? [['hot', 7.2]] : []);
        const segments = [
          { name: 'large', when: 'seats > 5', rules: new Map(rules), tiers: hot },
          { name: 'others', rules: new Map(), tiers: new Map() },
        ];
        const card: ScorecardModel = { ...drawn, ...verdictFacts(verdict), segments };
        const options = { asOf, tables: ['leads', 'logins', 'views', 'by_hand'] };
        await fillHistory(card.name, verdict, new Map());
        await fillHistory(card.name, verdict, await world.score(card, options));
        const rows = await world.score(card, options);
        for (const [key, row] of rows) {
          const { context, problems } = world.context(options);
          const queries = explainScorecard(card, context, { key, maxEvents: 0 });
          expect(problems).toEqual([]);
          const [sum = {}] = await world.query(queries.sum);
          const explained = readExplanation(queries, sum, []);
          const { rules: lines, groups, base, total, computedScore } = explained;
          const parts = [...groups, ...lines.filter(({ group }) => group === undefined)];
          const summed = parts.reduce((points, line) => points + millionths(line.points), millionths(base));
          expect(summed).toBe(millionths(total));
          const points = new Map(lines.map((line) => [line.id, line.points]));
          expect(addUp(queries.card, (id) => points.get(id) ?? 0)).toBe(computedScore);
          expect(explained.override?.score ?? computedScore).toBe(Number(row.score));
          expect(lines.map((line) => line.points)).toEqual(
            card.rules.map(({ id }) => Number(row[rulePointsColumn(id)])),
          );
          const { segment, tier, reasons, modelVersion } = explained;
          expect([segment, tier, reasons, modelVersion]).toEqual([
            row.segment,
            row.tier,
            row.reasons,
            row.model_version,
          ]);
          expect(tierByHand(explained)).toBe(row.tier);
        }
      },
    );
    await fc.assert(property, { numRuns: 15 });
  });

  it('of random combinations', async () => {
    const scores = fc.array(
      fc.record({ fit: fc.constantFrom(0, 3.333, 12, -4.5, null), usage: fc.constantFrom(0, 8.125, 20, null) }),
      { minLength: 3, maxLength: 3 },
    );
    const inputTiers = fc.array(fc.constantFrom('any', null, disqualifiedTier), { minLength: 3, maxLength: 3 });
    const range = fc.constantFrom(undefined, { min: 0, max: 9 });
    const round = fc.constantFrom<CombineModel['round']>('none', 0.01, 1, 0.5);
    const property = fc.asyncProperty(
      randomVerdict,
      randomLeads,
      scores,
      inputTiers,
      range,
      round,
      async (verdict, leads, inputs, fitTiers, ranged, rounded) => {
        await world.table('leads', leadColumns, leads);
        await fillOverrides(verdict);
        const columns = { lead_id: 'integer', score: 'decimal(18, 6)', tier: 'varchar', reasons: 'varchar' };
        const table = (of: 'fit' | 'usage') =>
          inputs.flatMap((input, index) => {
            const tier = of === 'fit' ? fitTiers[index] : null;
            return input[of] === null ? [] : [{ lead_id: index + 1, score: input[of], tier, reasons: of }];
          });
        await world.table('lead_fit', columns, table('fit'));
        await world.table('lead_usage', columns, table('usage'));
        const model: CombineModel = {
          ...{ kind: 'combine', name: 'lead_grade', file: file('models/lead_grade.yml'), tags: [], params: {} },
          ...{ columns: [], tests: [], entity: 'lead', score: 'fit / 3 + 0.5 * usage', range: ranged, round: rounded },
          inputs: ['fit', 'usage'].map((name) => ({ name, model: `lead_${name}` })),
          ...verdictFacts(verdict),
        };
        const models = model.inputs.map(({ model: name }) =>
          scorecard({ name, rules: [{ kind: 'attribute', when: 'true' }] }),
        );
        const options = { asOf, models, tables: ['leads', 'by_hand'] };
        const built = async () => {
          const all = await world.query(compileCombine(model, world.context(options).context).select);
          return new Map(all.map((row) => [String(row.lead_id), row]));
        };
        await fillHistory(model.name, verdict, new Map());
        await fillHistory(model.name, verdict, await built());
        for (const [key, row] of await built()) {
          const { context, problems } = world.context(options);
          const query = explainCombine(model, context, key);
          expect(problems).toEqual([]);
          const [sum = {}] = await world.query(query.sum);
          const explained = readCombineFacts(query, sum);
          const { total, computedScore, reasons, tier } = explained;
          const [fit = 0, usage = 0] = explained.inputs.map((input) => input.score);
          expect(total).toBeCloseTo(fit / 3 + 0.5 * usage, 5);
          const { range: limits, round: step } = query.card;
          expect(addUp({ base: total, groups: [], rules: [], range: limits, round: step }, () => 0)).toBe(
            computedScore,
          );
          expect(explained.override?.score ?? computedScore).toBe(Number(row.score));
          expect([tier, reasons]).toEqual([row.tier, row.reasons]);
          expect(
            tierByHand(
              explained,
              explained.inputs.map((input) => input.tier),
            ),
          ).toBe(row.tier);
        }
      },
    );
    // Hysteresis says nothing of a score that was set by hand, nor of what each tier takes then.
    const tiers = [{ name: 'hot', at: 7 }, { name: 'warm', at: 2.5 }, { name: 'cold' }];
    const before = ['hot', 'hot', 'hot'];
    const overrides = [{ lead_id: 1, score: 6.5, tier: null } as const];
    const setByHand = { tiers, gated: [], hysteresis: 3 as const, overridden: true, overrides, before };
    const three = [1, 2, 3].map((id) => ({ lead_id: id, seniority: 'vp' as const, seats: 0 as const }));
    const nothing = three.map(() => ({ fit: 0 as const, usage: 0 as const }));
    await fc.assert(property, {
      numRuns: 20,
      examples: [[setByHand, three, nothing, ['any', 'any', 'any'], undefined, 'none']],
    });
  });
});
