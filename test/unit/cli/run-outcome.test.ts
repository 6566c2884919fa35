import { describe, expect, test } from 'vitest';
import { outcomeError } from '../../../src/cli/commands/run.ts';
import { plainPainter } from '../../../src/cli/render/painter.ts';
import { errorAsJson, renderError } from '../../../src/cli/render/render-error.ts';
import { ScorelineError } from '../../../src/errors/scoreline-error.ts';
import type { SyncResult } from '../../../src/sync/plan-types.ts';

const done: SyncResult = {
  sync: 'contacts',
  object: 'contacts',
  planned: 0,
  created: 0,
  updated: 0,
  cleared: 0,
  unchanged: 0,
  suppressed: 0,
  excluded: 0,
  unmatched: 0,
  waiting: 0,
  rejected: 0,
  newly_rejected: 0,
  deferred: 0,
  sent_before: 0,
  lists: [{ list: 'hot', added: 0, removed: 0, missing: 0, rejected: 0, deferred: 0 }],
  api_calls: 0,
  retries: 0,
  seconds: 0,
};

function errorOf(result: Partial<SyncResult>, members: { rejected?: number; deferred?: number } = {}) {
  const lists = done.lists.map((list) => ({ ...list, ...members }));
  return outcomeError([done, { ...done, ...result, lists }]);
}

describe('the outcome of a run', () => {
  test('is no error where every row was accepted', () => {
    expect(errorOf({})).toBeUndefined();
  });

  test('is exit 7 for rejected rows, before 9 for deferred ones, and counts both', () => {
    const error = errorOf({ rejected: 5, newly_rejected: 2, deferred: 1 }, { rejected: 1 });
    expect(error).toMatchObject({ code: 'RUN_REJECTED', exitCode: 7, details: { rejected: 3, deferred: 1 } });
    expect(error?.message).toBe(
      'The run finished, and 2 rows and 1 list member were refused; 1 row was left for the next run',
    );
    expect(error?.hint).toContain('scoreline rejected');
  });

  test('is exit 9 for deferred rows alone, with the time to run again', () => {
    const error = errorOf({ deferred: 1200, retry_after: '2026-02-02T00:00:00.000Z' });
    expect(error).toMatchObject({ code: 'RUN_DEFERRED', exitCode: 9 });
    expect(error?.message).toBe('1,200 rows were left for the next run');
    expect(error?.hint).toContain('2026-02-02T00:00:00.000Z');
    expect(errorAsJson(error).details).toEqual({
      rejected: 0,
      deferred: 1200,
      retry_after: '2026-02-02T00:00:00.000Z',
    });
  });
});

describe('an error', () => {
  const problem = { code: 'MODEL_INVALID', file: 'models/a.yml', line: 3, column: 5 } as const;

  test('says each thing once: not again what it has said, nor what it says at its end', () => {
    const error = new ScorelineError('MODEL_INVALID', 'a: no such column', {
      hint: 'Look it up.',
      problems: [{ ...problem, message: 'no such column', value: 'nme', hint: 'Look it up.' }],
    });
    expect(renderError(error, plainPainter)).toBe(
      'error MODEL_INVALID a: no such column\n\n  models/a.yml:3:5\n    found: nme\n\nnext: Look it up.',
    );
  });

  test('shows what data brought as one line that is not endless', () => {
    const value = `x\n${'\u001b[2J'.repeat(1000)}`;
    const error = new ScorelineError('MODEL_INVALID', '1 problem', {
      problems: [{ ...problem, message: value.repeat(10), value }],
    });
    const text = renderError(error, plainPainter);
    expect(text).not.toContain('\u001b');
    expect(text.length).toBeLessThan(1500);
  });

  test('that is none of ours is a bug, with what a report needs', () => {
    const text = renderError(new TypeError('x is undefined'), plainPainter);
    expect(text).toContain('This is a bug in Scoreline');
    expect(text).toContain('TypeError: x is undefined');
    expect(errorAsJson(new TypeError('x is undefined'))).toMatchObject({ code: 'INTERNAL', message: 'x is undefined' });
  });

  test('gives machines the time to try again under one name', () => {
    const error = new ScorelineError('RUN_DEFERRED', 'later', {
      details: { retryAt: new Date(0), correlationId: 'c' },
    });
    expect(JSON.parse(JSON.stringify(errorAsJson(error))).details).toEqual({
      correlation_id: 'c',
      retry_after: '1970-01-01T00:00:00.000Z',
    });
  });
});
