import { describe, expect, test } from 'vitest';
import { loadProject } from '../../../src/project/load-project.ts';
import type { Model } from '../../../src/project/model-types.ts';
import { checkOverrides, resolveParams } from '../../../src/project/resolve-params.ts';
import type { Target } from '../../../src/project/types.ts';
import { writeProject } from '../../support/project-files.ts';
import { problemLine } from '../../support/project-problems.ts';

const asOf = '2026-01-31T00:00:00.000Z';

const project = loadProject({
  env: {},
  projectDir: writeProject({
    'config/scoreline.yml': `
version: 1
project: x
timezone: Europe/Berlin
params: { half_life: 14d, seats: 5, share: 0.5, plans: [free], since: 2026-01-01, flag: true, word: abc, loud: 3, instant: 2026-01-01 00:00 }
targets:
  test:
    warehouse: { type: duckdb, path: x.duckdb }
    hubspot: { sandbox: true }
    params: { half_life: 7d, cap: 9 }
`,
    'sql/a.sql': 'select 1 as a',
    'models/declares.yml': `
sql: sql/a.sql
params:
  half_life: { type: duration, default: 3d }
  seats: { type: integer, default: 6 }
  word: { type: string }
  loud: { type: number }
  cap: { type: integer, default: 1 }
  needed: { type: date }
  moment: { type: timestamp, default: 2026-06-01 08:00 }
  constructor: { type: string, default: c }
`,
    'models/plain.yml': 'sql: sql/a.sql',
  }),
});

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('not there');
  return value;
}

const target: Target = found(project.targets.get('test'));
const declares: Model = found(project.models.get('declares'));
const plain: Model = found(project.models.get('plain'));

const resolve = (model?: Model, overrides: Readonly<Record<string, string>> = {}) =>
  resolveParams({ project, target, model, asOf, overrides });

describe('a parameter', () => {
  test('comes from the command line, else the target, the model, the project', () => {
    const { values } = resolve(declares, { needed: '2026-05-05' });
    expect(values.get('half_life')).toEqual({ type: 'duration', value: '7d' });
    expect(values.get('seats')).toEqual({ type: 'integer', value: 6 });
    expect(values.get('word')).toEqual({ type: 'string', value: 'abc' });
    expect(values.get('needed')).toEqual({ type: 'date', value: '2026-05-05' });
    expect(resolve(declares, { half_life: '2w', seats: '8' }).values.get('half_life')?.value).toBe('2w');
    expect(resolve(plain).values.get('seats')?.value).toBe(5);
  });

  test('has the type that the model declares, else that of its value', () => {
    expect(Object.fromEntries([...resolve(plain).values].map(([name, { type }]) => [name, type]))).toEqual({
      as_of: 'timestamp',
      half_life: 'duration',
      seats: 'integer',
      share: 'number',
      plans: 'string_list',
      since: 'date',
      flag: 'boolean',
      word: 'string',
      loud: 'integer',
      instant: 'timestamp',
    });
    expect(resolve(declares).values.get('loud')).toEqual({ type: 'number', value: 3 });
  });

  test('of another model is not seen', () => {
    expect(resolve(plain).values.has('cap')).toBe(false);
    expect(resolve(declares).values.get('cap')?.value).toBe(9);
    expect(resolve().values.has('cap')).toBe(false);
  });

  test('`as_of` is always there', () => {
    expect(resolve().values.get('as_of')).toEqual({ type: 'timestamp', value: asOf });
  });

  test('that is a time is an instant, read in the zone of the project', () => {
    expect(resolve(declares).values.get('moment')?.value).toBe('2026-06-01T06:00:00.000Z');
    expect(resolve(plain).values.get('instant')?.value).toBe('2025-12-31T23:00:00.000Z');
    expect(resolve(declares, { moment: '2026-02-01' }).values.get('moment')?.value).toBe('2026-01-31T23:00:00.000Z');
  });

  test('may be called like something that every object has', () => {
    expect(resolve(declares).values.get('constructor')?.value).toBe('c');
    expect(resolve(plain).values.has('constructor')).toBe(false);
  });

  test('without a value is a problem at its declaration', () => {
    const { values, problems } = resolve(declares);
    expect(values.has('needed')).toBe(false);
    expect(problems.map(problemLine)).toEqual([
      'models/declares.yml:9:11 parameter `needed` has no value: expected a date such as 2026-01-31 | Give it a `default`, a value in the target or the project, or --param needed=….',
    ]);
  });
});

describe('the command line', () => {
  test.each([
    ['seats', '12', 12],
    ['share', '.25', 0.25],
    ['share', '1e-3', 0.001],
    ['flag', 'false', false],
    ['plans', 'free, team', ['free', 'team']],
    ['plans', '', []],
    ['word', '5', '5'],
    ['word', '', ''],
    ['since', '2026-02-03', '2026-02-03'],
    ['half_life', '36h', '36h'],
  ])('gives %s=%s its type', (name, written, value) => {
    expect(resolve(plain, { [name]: written }).values.get(name)?.value).toEqual(value);
    expect(checkOverrides({ project, target, asOf, overrides: { [name]: written } })).toEqual([]);
  });

  test.each([
    ['seats', '1.5', 'a whole number'],
    ['seats', '', 'a whole number'],
    ['seats', '0x10', 'a whole number'],
    ['share', 'Infinity', 'a number'],
    ['flag', 'yes', 'true or false'],
    ['since', 'tomorrow', 'a date such as 2026-01-31'],
    ['half_life', '14 d', 'a duration such as 14d'],
  ])('with %s=%s is wrong', (name, written, expected) => {
    const overrides = { [name]: written };
    const problem = {
      code: 'USAGE_INVALID',
      file: '--param',
      value: `${name}=${written}`,
      message: `parameter \`${name}\` is "${written}": expected ${expected}`,
    };
    expect(checkOverrides({ project, target, asOf, overrides })).toEqual([problem]);
    const { values, problems } = resolve(plain, overrides);
    expect(problems).toEqual([problem]);
    expect(values.has(name)).toBe(false);
  });

  test('names parameters of some model', () => {
    expect(checkOverrides({ project, target, asOf, overrides: { cap: '3', needed: '2026-01-01' } })).toEqual([]);
    const [problem, asOfProblem] = checkOverrides({ project, target, asOf, overrides: { seat: '3', as_of: 'x' } });
    expect(problem).toMatchObject({
      code: 'USAGE_INVALID',
      message: 'unknown parameter `seat`',
      hint: 'Did you mean `seats`?',
    });
    expect(asOfProblem).toMatchObject({ code: 'USAGE_INVALID', hint: 'Use --as-of.' });
  });

  test('must fit every model that sees the parameter', () => {
    // `loud` is an integer by its value in the project, and declared as a number in one model.
    expect(checkOverrides({ project, target, asOf, overrides: { loud: '1.5' } })).toMatchObject([
      { message: 'parameter `loud` is "1.5": expected a whole number' },
    ]);
  });

  test('changes nothing for a model that does not see the parameter', () => {
    const { values, problems } = resolve(plain, { cap: '3' });
    expect(problems).toEqual([]);
    expect(values.has('cap')).toBe(false);
  });
});
