import { z } from 'zod';
import { columnName, explained, listOf, mapOf, name, section, text } from '../settings.ts';

const cell = z.union([z.string(), z.number(), z.boolean(), z.null()], {
  error: 'expected text, a number, true, false or null',
});

const rows = section(listOf('rows', mapOf('columns and values', columnName, cell)));

const paramValue = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())], {
  error: 'expected a plain value: text, a number, true or false, or a list of texts',
});

const input = z.strictObject({
  input: explained(
    text("ref('model'), source('source', 'table') or history"),
    'What the model reads, as its templates call it; history: the scores before, for hysteresis.',
    "ref('leads')",
    "source('app', 'logins')",
  ),
  rows: explained(rows, 'Its rows; a column that a row does not name is null.', [{ lead_id: 'L1', seniority: 'vp' }]),
});

export const unitTest = z.strictObject({
  name: explained(text(), 'What it shows, in a few words.', 'a director who viewed pricing is hot'),
  description: explained(text(), 'More about it.').optional(),
  model: explained(text('the name of a model'), 'The model under test; in its own file it may be left out.').optional(),
  as_of: explained(
    text('a date or a time'),
    'The instant that the model is computed for; needed where the model depends on it.',
    '2026-01-31',
  ).optional(),
  params: explained(
    section(mapOf('parameters and their values', name, paramValue)),
    "Parameters for this test; the command line's do not count here.",
  ),
  given: explained(
    section(listOf('inputs: { input, rows }', input)),
    'Rows of what the model reads; an input that is not given has none.',
  ),
  expect: explained(
    z.strictObject({
      rows: explained(rows, 'The rows, in any order; in each, a column that it does not name does not matter.'),
    }),
    'What the model must yield.',
  ),
});

export const unitTests = section(listOf('unit tests', unitTest));

/** A file of `models/` that has unit tests and no model. */
export const unitTestFile = z.strictObject({
  unit_tests: explained(unitTests, 'Tests of models: given rows, expected rows.'),
});

export type UnitTestShape = z.output<typeof unitTest>;
