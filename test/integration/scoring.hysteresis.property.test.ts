import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { scorecard } from '../support/scoring-context.ts';
import { ScoringWorld } from '../support/scoring-world.ts';

const world = await ScoringWorld.open();
afterAll(() => world.close());

const names = ['hot', 'warm', 'cool', 'cold'] as const;
type Tier = (typeof names)[number];

interface Case {
  /** Of hot, warm and cool. */
  readonly thresholds: readonly number[];
  readonly hysteresis: number;
  /** A day each, of several leads: scores are halves, so that thresholds are met exactly. */
  readonly scores: readonly (readonly number[])[];
}

const half = (min: number, max: number) => fc.integer({ min: min * 2, max: max * 2 }).map((twice) => twice / 2);

const randomCase: fc.Arbitrary<Case> = fc
  .record({
    gaps: fc.tuple(half(1, 10), half(1, 10)),
    lowest: half(0, 10),
    hysteresis: fc.constantFrom(0.5, 1, 3, 6.5),
    leads: fc.integer({ min: 1, max: 4 }),
    days: fc.integer({ min: 2, max: 8 }),
  })
  .chain(({ gaps: [first, second], lowest, hysteresis, leads, days }) =>
    fc.record({
      thresholds: fc.constant([lowest + first + second, lowest + second, lowest]),
      hysteresis: fc.constant(hysteresis),
      scores: fc.array(fc.array(half(-3, 32), { minLength: days, maxLength: days }), {
        minLength: leads,
        maxLength: leads,
      }),
    }),
  );

/** The definition, one lead after the other: the highest tier whose threshold the score reaches, less what it may lose. */
function tierBy({ thresholds, hysteresis }: Case, score: number, before: Tier | undefined): Tier {
  const wasAtLeast = (index: number) => before !== undefined && names.indexOf(before) <= index;
  const index = thresholds.findIndex((at, place) => score >= at - (wasAtLeast(place) ? hysteresis : 0));
  return names[index === -1 ? thresholds.length : index] ?? 'cold';
}

const historyColumns = {
  model: 'varchar',
  key: 'varchar',
  as_of: 'timestamptz',
  tier: 'varchar',
  segment: 'varchar',
  model_version: 'varchar',
  cause: 'varchar',
};

/** Scores the leads day by day, each build reading the history that the ones before wrote. @returns by lead, day by day */
async function build({ thresholds, hysteresis, scores }: Case): Promise<readonly (readonly Tier[])[]> {
  const tiers = names.map((name, index) => ({ name, at: thresholds[index] }));
  const card = scorecard({ rules: [{ kind: 'numeric', value: 'points' }], tiers, hysteresis });
  await world.table('score_history', historyColumns, []);
  const met: Tier[][] = scores.map(() => []);
  for (const day of scores[0]?.keys() ?? []) {
    const leads = scores.map((ofLead, index) => ({ lead_id: index, points: ofLead[day] }));
    await world.table('leads', { lead_id: 'integer', points: 'double' }, leads);
    const asOf = `2026-01-${String(day + 1).padStart(2, '0')}T12:00:00.000Z`;
    const rows = await world.score(card, { asOf });
    for (const [key, row] of rows) {
      const mine = met[Number(key)];
      const tier = names.find((name) => name === row.tier);
      if (mine === undefined || tier === undefined) throw new Error(`lead ${key} has tier ${row.tier}`);
      // As the history is written: a row only where something changed.
      if (mine.at(-1) !== tier || scores[Number(key)]?.[day] !== scores[Number(key)]?.[day - 1]) {
        await world.run(
          `insert into score_history values ('lead_score', '${key}', '${asOf}', '${tier}', null, '${row.model_version}', 'behaviour')`,
        );
      }
      mine.push(tier);
    }
  }
  return met;
}

describe('hysteresis', () => {
  it('gives each build the tiers of its definition', async () => {
    const property = fc.asyncProperty(randomCase, async (random) => {
      const expected = random.scores.map((ofLead) =>
        ofLead.reduce<Tier[]>((met, score) => {
          met.push(tierBy(random, score, met.at(-1)));
          return met;
        }, []),
      );
      expect(await build(random)).toEqual(expected);
    });
    await fc.assert(property, { numRuns: 10 });
  });

  it('lets no tier go back and forth while scores stay within its width', async () => {
    const narrow = randomCase.map((random): Case => {
      const { hysteresis } = random;
      const scores = random.scores.map((ofLead) => {
        const [start = 0] = ofLead;
        const steps = Math.floor(hysteresis * 2) + 1;
        return ofLead.map((score) => start + (Math.abs(Math.round(score * 2)) % steps) / 2);
      });
      return { ...random, scores };
    });
    const property = fc.asyncProperty(narrow, async (random) => {
      for (const ofLead of await build(random)) {
        const places = ofLead.map((tier) => names.indexOf(tier));
        // Once reached, a tier is kept: each one is as high as the one before, or higher.
        expect(places).toEqual([...places].sort((a, b) => b - a));
      }
    });
    await fc.assert(property, { numRuns: 8 });
  });
});
