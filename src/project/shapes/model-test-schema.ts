import { z } from 'zod';
import { columnName, explained, listOf, text, wholeNumber } from '../settings.ts';

const scalar = z.union([z.string(), z.number(), z.boolean()], { error: 'expected text, a number, true or false' });

const between = z.strictObject({
  min: explained(z.number(), 'Inclusive.', 0).optional(),
  max: explained(z.number(), 'Inclusive.', 100).optional(),
});

const rows = wholeNumber(0, undefined, 'expected a whole number of at least 0');

const rowCount = z.strictObject({
  min: explained(rows, 'Inclusive.', 1).optional(),
  max: explained(rows, 'Inclusive.').optional(),
});

const relationship = z.strictObject({
  to: explained(text('the name of a model'), 'The model that must have the value.', 'accounts'),
  field: explained(columnName, 'Its column.', 'account_id'),
});

const severity = explained(
  z.enum(['error', 'warn'], { error: 'expected error or warn' }),
  'error stops the model from being swapped in; warn is told, and the model is swapped in all the same.',
  'warn',
).default('error');

const yes = z.literal(true, { error: 'expected true' });

const columnWord = z.enum(['unique', 'not_null'], { error: 'expected unique or not_null, or a test with settings' });

const columnSettings = z.strictObject({
  unique: explained(yes, 'No value stands in two rows; null may.').optional(),
  not_null: explained(yes, 'Every row has a value.').optional(),
  accepted_values: explained(
    listOf('values', scalar).min(1, { error: 'expected at least one value' }),
    'The only values allowed; null is allowed too.',
    ['free', 'team'],
  ).optional(),
  between: explained(between, 'The range of values; null is allowed too.', { min: 0, max: 100 }).optional(),
  relationship: explained(relationship, 'Each value, unless null, stands in a column of another model.').optional(),
  severity,
});

const wrongModelTest = 'expected a test of the whole model: unique, not_null, row_count or sql, each with its settings';

const columns = listOf('columns', columnName).min(1, { error: 'expected at least one column' });

/** A test of a whole model. */
export const modelTest = z.strictObject(
  {
    unique: explained(columns, 'No two rows agree in all of these columns.', ['account_id', 'month']).optional(),
    not_null: explained(columns, 'None of these columns is ever null.', ['email']).optional(),
    row_count: explained(rowCount, 'How many rows there must be.', { min: 1 }).optional(),
    sql: explained(
      text('a SQL file or a SELECT'),
      'A SELECT that must return no row, or the SQL file that has it.',
      'sql/tests/no_orphans.sql',
    ).optional(),
    severity,
  },
  { error: wrongModelTest },
);

export const columnTest = z.union([columnWord, columnSettings], {
  error: 'expected unique, not_null, accepted_values, between or relationship',
});

export type ColumnTestShape = z.output<typeof columnTest>;
export type ModelTestShape = z.output<typeof modelTest>;
