import { describe, expect, test } from 'vitest';
import { type ErrorEntry, errorRegistry } from '../../../src/errors/registry.ts';
import { errorOfProblems, type Problem, ScorelineError } from '../../../src/errors/scoreline-error.ts';

const problem: Problem = { code: 'SYNC_INVALID', file: 'syncs/a.yml', line: 3, message: 'wrong' };

describe('ScorelineError', () => {
  test('takes exit code, hint and retryable from the registry', () => {
    const error = new ScorelineError('RUN_BUSY', 'held by process 7');
    expect(error).toMatchObject({ exitCode: 8, retryable: true, hint: errorRegistry.RUN_BUSY.hint });
  });

  test('prefers what the place that raises it knows better', () => {
    const cause = new Error('vendor');
    const error = new ScorelineError('RUN_BUSY', 'held', {
      hint: 'kill 7',
      retryable: false,
      cause,
      details: { pid: 7 },
    });
    expect(error).toMatchObject({ hint: 'kill 7', retryable: false, cause, details: { pid: 7 } });
  });
});

describe('errorOfProblems', () => {
  test('counts problems and names the one file', () => {
    expect(errorOfProblems([problem]).message).toBe('1 problem in syncs/a.yml');
    expect(errorOfProblems([problem, problem]).message).toBe('2 problems in syncs/a.yml');
  });

  test('counts the files where there are several', () => {
    expect(errorOfProblems([problem, { ...problem, file: 'syncs/b.yml' }]).message).toBe('2 problems in 2 files');
  });

  test('takes the code of the first and keeps all of them in order', () => {
    const other: Problem = { ...problem, code: 'MODEL_INVALID' };
    const error = errorOfProblems([problem, other]);
    expect(error.code).toBe('SYNC_INVALID');
    expect(error.problems).toEqual([problem, other]);
  });

  test('refuses to make an error of nothing', () => {
    expect(() => errorOfProblems([])).toThrow(RangeError);
  });
});

describe('the registry', () => {
  const entries: readonly (readonly [string, ErrorEntry])[] = Object.entries(errorRegistry);

  test.each(entries)('%s says what it means and what to do', (_, entry) => {
    expect(entry.meaning).toMatch(/^[A-Z].*\.$/);
    expect(entry.hint).toMatch(/^[A-Z].*[.?]$/);
  });

  test.each(entries)('%s leaves by the exit of its family', (code, entry) => {
    const exits: Readonly<Record<string, readonly number[]>> = {
      USAGE: [2],
      CONFIG: [3],
      MODEL: [3],
      SYNC: [3],
      WAREHOUSE: [3, 4],
      DESTINATION: [5, 10],
      GUARD: [6],
      RUN: [7, 8, 9, 130],
      STATE: [10],
    };
    expect(exits[code.slice(0, code.indexOf('_'))]).toContain(entry.exitCode);
  });
});
