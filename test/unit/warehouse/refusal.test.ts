import { expect, test } from 'vitest';
import { refusalError } from '../../../src/warehouse/refusal.ts';

const cause = new Error('vendor');
const origin = {
  file: 'sql/leads.sql',
  line: 5,
  text: 'select\n    id,\n    nme\nfrom people\nwhere 1 = 1\n  and 1 = 1',
};

test('a refusal stands on the line of the file that the vendor quotes, at its column', () => {
  const refusal = { message: 'no column nme', cause, excerpt: { text: '  nme', column: 3 } };
  const [problem] = refusalError('DuckDB', refusal, { purpose: 'build leads', origin }).problems;
  expect(problem).toMatchObject({ file: 'sql/leads.sql', line: 7, column: 5, value: 'nme', message: 'no column nme' });
});

test('a refusal stands where the SQL starts if the quoted line is not in the file, or stands there twice', () => {
  for (const text of ['from "main"."people"', 'select 1']) {
    const [problem] = refusalError('DuckDB', { message: 'm', cause, excerpt: { text } }, { origin }).problems;
    expect(problem).toMatchObject({ line: 5 });
    expect(problem?.column).toBeUndefined();
  }
  const twice = { ...origin, text: 'a = 1\na = 1' };
  const [problem] = refusalError(
    'DuckDB',
    { message: 'm', cause, excerpt: { text: 'a = 1', column: 1 } },
    { origin: twice },
  ).problems;
  expect(problem).toMatchObject({ line: 5 });
});

test('a refusal in generated SQL stands where its word is in the file, if it is there once', () => {
  const yaml = { file: 'models/card.yml', line: 1, text: 'when: "seniorty = 1"\nvalue: "seats + seats"' };
  const placed = (word: string) =>
    refusalError('DuckDB', { message: 'm', cause, excerpt: { text: 'case when …', word } }, { origin: yaml })
      .problems[0];
  expect(placed('seniorty')).toMatchObject({ line: 1, column: 8, value: 'seniorty' });
  for (const word of ['seats', 'senior', 'gone']) {
    expect(placed(word)).toMatchObject({ line: 1, value: word });
    expect(placed(word)?.column).toBeUndefined();
  }
});

test('a refusal without a file keeps the quoted line as a detail, cut where it is long', () => {
  const error = refusalError('DuckDB', { message: 'm', cause, excerpt: { text: `  ${'x'.repeat(200)}` } }, undefined);
  expect(error.problems).toEqual([]);
  expect(error.details).toEqual({ excerpt: `${'x'.repeat(100)}…` });
  expect(error.message).toBe('DuckDB refused a statement: m');
});
