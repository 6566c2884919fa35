import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Entity } from '../../src/project/entity-types.ts';
import type { ScorecardModel } from '../../src/project/model-types.ts';
import type { RollupRule } from '../../src/project/rule-types.ts';
import { rulePointsColumn } from '../../src/project/scorecard-columns.ts';
import { explainScorecard } from '../../src/scoring/explain-scorecard.ts';
import { readExplanation } from '../../src/scoring/read-explanation.ts';
import {
  type AccountTables,
  asOf,
  type RandomEntities,
  randomAccountCard,
  randomEntities,
  randomTables,
  tables,
  visits,
} from '../support/random-accounts.ts';
import {
  eventsOfOwners,
  type MemberRow,
  overOwnEvents,
  ownerOf,
  type Pair,
  type PairRows,
  pairsOf,
  rollupPoints,
} from '../support/reference-accounts.ts';
import { type DataRow, type ReferenceData, type ReferenceScore, referenceScore } from '../support/reference-score.ts';
import { scorecard } from '../support/scoring-context.ts';
import { ScoringWorld } from '../support/scoring-world.ts';

const world = await ScoringWorld.open();
afterAll(() => world.close());

const personScore = scorecard({ name: 'person_score', entity: 'person', rules: [{ kind: 'attribute', when: 'true' }] });

const meaning = {
  where: (row: DataRow) => row.role === 'buyer' || Number(row.score) > 40,
  weight: (row: DataRow) => ({ buyer: 2.5, user: 0.5 })[String(row.role)] ?? 0,
};

/** How people come to the card's entity, level by level. */
function levelsOf(entities: RandomEntities, entity: string, data: AccountTables): readonly PairRows[] {
  const level = (child: Entity, parent: string, own: readonly DataRow[], bridge: readonly DataRow[]): PairRows => {
    const belonging = child.belongsTo[parent];
    const place = { child: child.name, parent };
    return belonging?.kind === 'bridge'
      ? { ...place, rows: bridge, weight: belonging.weight }
      : { ...place, rows: own };
  };
  const toAccount = level(entities.person, 'account', data.people, data.memberships);
  return entity === 'account'
    ? [toAccount]
    : [toAccount, level(entities.account, 'holding', data.accounts, data.stakes)];
}

function membersOf(key: unknown, pairs: readonly Pair[], data: AccountTables): readonly MemberRow[] {
  return data.people.flatMap((person): readonly MemberRow[] => {
    const pair = pairs.find(({ member, owner }) => member === person.person_id && owner === key);
    const scored = data.person_score.find(({ person_id: id }) => id === person.person_id);
    if (pair === undefined || scored === undefined) return [];
    const { score, tier } = scored;
    return [{ ...person, score: Number(score), tier: tier === null ? null : String(tier), share: pair.weight }];
  });
}

function expectedScore(
  card: ScorecardModel,
  row: DataRow,
  { entities, data }: { readonly entities: RandomEntities; readonly data: AccountTables },
): ReferenceScore {
  const key = `${card.entity}_id`;
  const pairs = pairsOf(levelsOf(entities, card.entity, data));
  const { aliases } = entities.person;
  const owner = (event: DataRow) => ownerOf(event, aliases, data.identities, asOf);
  const events = new Map([[visits, eventsOfOwners(data.visits, { owner, pairs, key })]]);
  const sql = new Map<string, (row: DataRow) => unknown>();
  const reference: ReferenceData = {
    entities: [],
    events,
    key,
    asOf,
    timeZone: 'UTC',
    sql,
    rollup: (rule: RollupRule) => rollupPoints(rule, row, membersOf(row[key], pairs, data), meaning),
  };
  return referenceScore(overOwnEvents(card, sql), row, reference);
}

/** Events say both of whom they are where the aliases have a column of their own. */
function withColumns(card: ScorecardModel, { person }: RandomEntities): ScorecardModel {
  const by = person.aliases?.on === 'visitor_id' ? ['person_id', 'visitor_id'] : ['person_id'];
  return { ...card, rules: card.rules.map((rule) => ('by' in rule ? { ...rule, by } : rule)) };
}

const millionths = (decimal: unknown) => Math.round(Number(decimal) * 1_000_000);

describe('a card of accounts or holdings', () => {
  it('equals a row-by-row computation, and its explanation adds up', async () => {
    const property = fc.asyncProperty(
      randomAccountCard,
      randomEntities,
      randomTables,
      async (drawn, entities, data) => {
        const card = withColumns(drawn, entities);
        for (const [name, columns] of Object.entries(tables)) {
          await world.table(name, columns, data[name as keyof AccountTables]);
        }
        const options = {
          asOf,
          entities: Object.values(entities),
          models: [personScore],
          tables: Object.keys(tables),
        };
        const rows = await world.score(card, options);
        const scored = card.entity === 'account' ? data.accounts : data.holdings;
        expect([...rows.keys()].sort()).toEqual(scored.map((row) => row[`${card.entity}_id`]));
        for (const row of scored) {
          const key = String(row[`${card.entity}_id`]);
          const { tier, reasons, ...found } = rows.get(key) ?? {};
          const rules = card.rules.map(({ id }) => [id, millionths(found[rulePointsColumn(id)])] as const);
          const expected = expectedScore(card, row, { entities, data });
          expect({ rules: new Map(rules), score: millionths(found.score), tier, reasons }).toEqual(expected);
        }

        const { context } = world.context(options);
        const [first] = rows.keys();
        const queries = explainScorecard(card, context, { key: first ?? '', maxEvents: 100 });
        const [sum = {}] = await world.query(queries.sum);
        const events = queries.events === null ? [] : await world.query(queries.events);
        const members = queries.members === null ? [] : await world.query(queries.members);
        const explanation = readExplanation(queries, sum, events, members);
        const lines = explanation.rules.reduce((points, rule) => points + rule.points, explanation.base);
        expect(lines).toBeCloseTo(explanation.total, 6);
        for (const [index, rule] of explanation.rules.entries()) {
          const written = card.rules[index];
          if (written?.kind !== 'rollup' || written.agg.kind !== 'sum' || written.per !== undefined) continue;
          if (written.atLeast !== undefined) continue;
          const shown = (rule.members?.shown ?? []).filter(({ counts }) => counts);
          const rolledUp = shown.reduce((total, { score, weight }) => total + score * weight, 0);
          expect(rolledUp * Number(written.points)).toBeCloseTo(rule.beforeLimit, 4);
        }
      },
    );
    await fc.assert(property, { numRuns: 40 });
  });
});
