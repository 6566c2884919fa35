import type { TestFinding } from './test-statement.ts';

/** A failed test in one sentence: what, how many, and an example. */
export function failureMessage({ test: { test, isPrimaryKey, weights, notice }, count, example }: TestFinding): string {
  const rows = count === 1 ? '1 row has' : `${count} rows have`;
  const such = example === null ? '' : `, for example ${example}`;
  switch (test.kind) {
    case 'not_null':
      return isPrimaryKey
        ? `${count === 1 ? '1 row has' : `${count} rows have`} no primary key: ${columns(test.columns)} is null${such}`
        : `${rows} no value in ${columns(test.columns)}${such}`;
    case 'unique': {
      const what = isPrimaryKey ? 'the primary key' : columns(test.columns);
      return `${count === 1 ? '1 value' : `${count} values`} of ${what} ${count === 1 ? 'stands' : 'stand'} in more than one row${such}`;
    }
    case 'accepted_values':
      return `${rows} another \`${test.column}\` than ${test.values.join(', ')}${such}`;
    case 'between':
      return `${rows} a \`${test.column}\` ${outside(test)}${such}`;
    case 'relationship':
      return `${rows} a \`${test.column}\` that \`${test.field}\` of \`${test.to}\` does not have${such}`;
    case 'row_count':
      return `the model has ${count === 1 ? '1 row' : `${count} rows`}: expected ${range(test)}`;
    case 'sql':
      if (notice !== undefined) return `${count === 1 ? notice.one : `${count} ${notice.many}`}${such}`;
      if (weights !== undefined) return `${rows} a weight of ${weights.of} that is null, below 0 or no number${such}`;
      return `\`${test.name}\` returned ${count === 1 ? '1 row' : `${count} rows`}: expected none`;
    default:
      return test satisfies never;
  }
}

/** A name for a test in events and results, such as `unique lead_id`. */
export function testName({ test, isPrimaryKey }: TestFinding['test']): string {
  switch (test.kind) {
    case 'not_null':
    case 'unique':
      return isPrimaryKey ? `primary key ${test.kind}` : `${test.kind} ${test.columns.join(', ')}`;
    case 'accepted_values':
    case 'between':
    case 'relationship':
      return `${test.kind} ${test.column}`;
    case 'row_count':
      return test.kind;
    case 'sql':
      return test.name;
    default:
      return test satisfies never;
  }
}

interface Range {
  readonly min?: number;
  readonly max?: number;
}

function outside({ min, max }: Range): string {
  if (min === undefined) return `above ${max}`;
  return max === undefined ? `below ${min}` : `outside ${min} to ${max}`;
}

function range({ min, max }: Range): string {
  if (min === undefined) return `at most ${max}`;
  return max === undefined ? `at least ${min}` : `${min} to ${max}`;
}

function columns(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}
