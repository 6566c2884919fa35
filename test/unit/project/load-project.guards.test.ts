import { describe, expect, test } from 'vitest';
import { loadProject } from '../../../src/project/load-project.ts';
import { defaultGuards } from '../../../src/project/shapes/guards-schema.ts';
import { smallProject, writeProject } from '../../support/project-files.ts';
import { problemLine, problemsWith } from '../../support/project-problems.ts';

const sync = (text: string) =>
  `object: contacts\nmodel: lead_score\nmatch: { email: email }\nproperties: { p: { column: c, type: string } }\n${text}`;

const problems = (text: string) =>
  problemsWith({ 'syncs/second.yml': sync(text) })
    .map(problemLine)
    .map((line) => line.replace('syncs/second.yml:', ''));

function read(text: string) {
  const dir = writeProject({ ...smallProject, 'syncs/second.yml': sync(text) });
  const second = loadProject({ projectDir: dir, env: {} }).syncs.get('second');
  if (second === undefined) throw new Error('the sync is missing');
  return second;
}

describe('guards', () => {
  test('have defaults', () => {
    expect(read('').guards).toEqual(defaultGuards);
    expect(read('guards:').guards).toEqual(defaultGuards);
  });

  test('take shares, numbers of rows, both, and off', () => {
    const text = `guards: { max_changed: 12.5%, max_removed: 0.25, max_created: { share: 20%, rows: 500 },
  max_tier_moves: off, max_null: 7, min_rows: 100 }`;
    expect(read(text).guards).toEqual({
      maxChanged: { shareRatio: 0.125 },
      maxRemoved: { shareRatio: 0.25 },
      maxCreated: { shareRatio: 0.2, rows: 500 },
      maxTierMoves: {},
      maxNull: { rows: 7 },
      minRows: 100,
    });
    expect(read('guards: { max_changed: 0, max_created: 1, max_removed: 250% }').guards).toMatchObject({
      maxChanged: { rows: 0 },
      maxCreated: { rows: 1 },
      maxRemoved: { shareRatio: 2.5 },
    });
  });

  test.each(['-1', '1.5', 'many', '20 %', '[1]', '{ share: 20% }'])('refuse the limit %s', (limit) => {
    const [problem, ...others] = problems(`guards: { max_changed: ${limit} }`);
    expect(problem).toMatch(/^5:\d+ .*(expected a share|missing|is needed|`guards.max_changed)/);
    expect(others).toEqual([]);
  });

  test('refuse a misspelt guard with a suggestion', () => {
    expect(problems('guards: { max_change: 10 }').join()).toContain('max_changed');
  });
});

describe('the canary', () => {
  test('is a number of rows, or rows and how many of them may fail', () => {
    expect(read('').canary).toBeUndefined();
    expect(read('canary: 200').canary).toEqual({ rows: 200, maxRejected: { shareRatio: 0.05 } });
    expect(read('canary: { rows: 50, max_rejected: 3 }').canary).toEqual({ rows: 50, maxRejected: { rows: 3 } });
  });

  test.each(['0', 'few', '{ max_rejected: 3 }'])('is not %s', (text) => {
    expect(problems(`canary: ${text}`)).toHaveLength(1);
  });
});
