import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import { type BuiltProject, buildProject } from '../support/build-project.ts';
import { fakeIo } from '../support/fake-io.ts';

/** As of 1 February 2026; the fixture's files say who is who. */
const expected = {
  // 60 + 30 + half of 30; visitor v1 is Bob since 20 January, v2 is not yet known to be Dan.
  person_score: {
    ann: { pricing: 40, opened: 20, score: 60, tier: 'warm' },
    bob: { pricing: 20, opened: 10, score: 30, tier: 'warm' },
    cat: { pricing: 20, opened: 10, score: 30, tier: 'warm' },
    dan: { pricing: 0, opened: 10, score: 10, tier: 'disqualified' },
    eve: { pricing: 0, opened: 10, score: 10, tier: 'cold' },
  },
  account_score: {
    acme: {
      interest: 105, // 60 + 30 + 0.5 * 30
      best: 60,
      mean: 50, // (3 * 60 + 30 + 0.5 * 30) / 4.5
      top_two: 45, // Ann and Bob; Cat has Bob's score and half of his weight
      people: 2.5,
      warm_people: 12.5, // 5 * 2.5
      anyone: 76.2, // 100 * (1 - 0.4 * 0.7 * 0.85)
      departments: 8, // finance and it
      seats_in_use: 12.5, // 50 * 2.5 / 10
      pricing: 25, // one of Ann's two of a day, Bob's as v1, half of Cat's
      mails_opened: 15, // Ann 2, Bob 1, Cat 1
      active_people: 5, // Ann, Bob, half of Cat
      upsell: 25,
      no_use: 0,
      score: 441.7,
      tier: 'hot',
    },
    beta: {
      interest: 15, // Dan is disqualified
      best: 15,
      mean: 30,
      top_two: 30,
      people: 0.5,
      warm_people: 2.5,
      anyone: 15,
      departments: 4,
      seats_in_use: 12.5, // 50 * 0.5 / 2
      pricing: 5,
      mails_opened: 0, // Cat and Dan: 2 of 4
      active_people: 3, // half of Cat, Dan
      upsell: 0,
      no_use: -40,
      score: 92.5,
      tier: 'at_risk',
    },
    solo: {
      interest: 0,
      best: 0,
      mean: 0,
      top_two: 0,
      people: 0,
      warm_people: 0,
      anyone: 0,
      departments: 0,
      seats_in_use: 0,
      pricing: 0,
      mails_opened: 0,
      active_people: 0,
      upsell: 0,
      no_use: -40,
      score: -40,
      tier: 'at_risk',
    },
  },
  // Cat belongs to the holding with both of her halves, once.
  holding_score: { group: { accounts: 2, interest: 120, opens: 5, score: 127, tier: null } },
} as const;

const keys = { person_score: 'person_id', account_score: 'account_id', holding_score: 'holding_id' } as const;

describe('the accounts fixture', () => {
  let folder: string;
  let built: BuiltProject;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'scoreline-accounts-'));
    await cp(fileURLToPath(new URL('../fixtures/accounts', import.meta.url)), folder, { recursive: true });
    built = await buildProject(folder, '2026-02-01');
  });

  afterAll(async () => {
    await built?.warehouse.close();
    await rm(folder, { recursive: true, force: true });
  });

  it.each(['person_score', 'account_score', 'holding_score'] as const)(
    'scores %s as worked out by hand',
    async (model) => {
      const rows = await built.query(`select * from scoreline.${model}`);
      const found = rows.map((row) => {
        const rules = Object.entries(row).flatMap(([column, value]) =>
          column.startsWith('points__') ? [[column.slice('points__'.length), Number(value)] as const] : [],
        );
        return [String(row[keys[model]]), { ...Object.fromEntries(rules), score: Number(row.score), tier: row.tier }];
      });
      expect(Object.fromEntries(found)).toEqual(expected[model]);
    },
  );

  it('explains a roll-up by the people behind it, and adds up', async () => {
    const io = fakeIo({ cwd: folder, env: {} });
    await runProgram(['build', '--as-of', '2026-02-01'], io);
    const explain = async (...more: string[]) => {
      const told = fakeIo({ cwd: folder, env: {} });
      const exitCode = await runProgram(['explain', 'account_score', 'acme', '--as-of', '2026-02-01', ...more], told);
      expect({ exitCode, err: told.err() }).toEqual({ exitCode: 0, err: '' });
      return told.out();
    };
    const { rules, total } = JSON.parse(await explain());
    const members = (id: string) => rules.find((rule: { id: string }) => rule.id === id).members;
    expect(members('top_two')).toEqual({
      count: 3,
      shown: [
        { key: 'ann', score: 60, weight: 1, counts: true },
        { key: 'bob', score: 30, weight: 1, counts: true },
        { key: 'cat', score: 30, weight: 0.5, counts: false },
      ],
    });
    expect(members('mean').shown.map(({ weight }: { weight: number }) => weight)).toEqual([3, 1, 0.5]);
    expect(members('upsell')).toBeNull();
    const points = rules.map((rule: { points: number }) => rule.points);
    expect(points.reduce((sum: number, each: number) => sum + each, 0)).toBeCloseTo(total, 6);

    const text = await explain('--output', 'table', '--events', '2');
    expect(text).toContain('ann  score 60, weight 3\n');
    expect(text).toContain('bob  score 30\n');
    expect(text).toContain('and 1 more');
  });

  it('says in words what its people bring', async () => {
    const [row] = await built.query("select reasons from scoreline.account_score where account_id = 'acme'");
    expect(row?.reasons).toContain('Interest of its people (+105)');
  });
});
