import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BuiltProject, buildProject } from '../support/build-project.ts';
import { emptyFolder } from '../support/project-files.ts';

/*
 * Score cards that others publish, each a project of its own in test/fixtures/cards as of 1 February 2026. Its expected.csv
 * has every row of every scored model and audience, and how its score was worked out by hand. More of them are written in
 * one file, in published-cards.test.ts.
 */

const cardsDir = join(import.meta.dirname, '../fixtures/cards');
const columns = ['score', 'tier', 'segment', 'grade', 'reasons'] as const;

type Found = Readonly<Record<(typeof columns)[number], number | string | null>>;

describe.each(readdirSync(cardsDir))('the card %s', (card) => {
  let built: BuiltProject;
  let expected: ReadonlyMap<string, ReadonlyMap<string, Found>>;

  beforeAll(async () => {
    const dir = join(emptyFolder(), card);
    cpSync(join(cardsDir, card), dir, { recursive: true });
    built = await buildProject(dir, '2026-02-01');
    expected = await readExpected(built, join(dir, 'expected.csv'));
  });

  afterAll(() => built?.warehouse.close());

  it('gives everyone the score, tier, segment and reasons worked out by hand', async () => {
    expect(expected.size).toBeGreaterThan(0);
    for (const [model, rows] of expected) {
      expect(await readRows(built, model, rows), model).toEqual(Object.fromEntries(rows));
    }
  });
});

/** By model and key. A cell without a text is null. */
async function readExpected({ query }: BuiltProject, path: string) {
  const lines = await query(`select * from read_csv('${path}', all_varchar = true)`);
  const models = new Map<string, Map<string, Found>>();
  for (const line of lines) {
    const rows = models.get(String(line.model)) ?? new Map<string, Found>();
    models.set(String(line.model), rows.set(String(line.key), cells(line)));
  }
  return models;
}

/** All rows of a model; reasons only of those for whom some are expected. */
async function readRows({ query }: BuiltProject, model: string, expected: ReadonlyMap<string, Found>) {
  const rows = await query(`select columns(*)::varchar from scoreline.${model}`);
  return Object.fromEntries(
    rows.map((row) => {
      const key = String(Object.values(row)[0]);
      const found = cells(row);
      return [key, expected.get(key)?.reasons === null ? { ...found, reasons: null } : found];
    }),
  );
}

function cells(row: Readonly<Record<string, unknown>>): Found {
  const texts = columns.map((column) => [column, row[column] ?? null] as const);
  const { score, ...words } = Object.fromEntries(texts) as Readonly<Record<(typeof columns)[number], string | null>>;
  return { ...words, score: score === null ? null : Number(score) };
}
