import { beforeAll, describe, expect, test } from 'vitest';
import { selectModels } from '../../../src/build/select-models.ts';
import type { CompiledProject } from '../../../src/build/types.ts';
import { compile } from '../../support/open-project.ts';

let compiled: CompiledProject;

beforeAll(() => {
  compiled = compile({
    'sql/users.sql': 'select 1 as id',
    'sql/logins.sql': 'select 1 as id',
    'sql/days.sql': "select * from {{ ref('logins') }}",
    'sql/scores.sql': "select u.id from {{ ref('users') }} u join {{ ref('days') }} d using (id)",
    'sql/top.sql': "select * from {{ ref('scores') }}",
    'models/users.yml': 'sql: sql/users.sql\nkey: [id]\n',
    'models/web/logins.yml': 'sql: sql/logins.sql\ntags: [growth]\n',
    'models/web/days.yml': 'sql: sql/days.sql\ntags: [growth, daily]\n',
    'models/scores.yml': 'sql: sql/scores.sql\n',
    'models/top.yml': 'sql: sql/top.sql\n',
  });
});

const select = (...selectors: string[]) => [...selectModels(compiled.models, selectors)];

describe('a selection', () => {
  test('of nothing is everything, in the order of building', () => {
    expect(select()).toEqual(['logins', 'days', 'users', 'scores', 'top']);
  });

  test.for<readonly [string[], string[]]>([
    [['users'], ['users']],
    [['+scores'], ['logins', 'days', 'users', 'scores']],
    [['days+'], ['days', 'scores', 'top']],
    [['+days+'], ['logins', 'days', 'scores', 'top']],
    [['tag:growth'], ['logins', 'days']],
    [['tag:daily+'], ['days', 'scores', 'top']],
    [['path:models/web'], ['logins', 'days']],
    [['path:./models/web/'], ['logins', 'days']],
    [['path:models/top.yml'], ['top']],
    [['path:sql/users.sql'], ['users']],
    [
      ['top', 'users'],
      ['users', 'top'],
    ],
    [
      ['+path:models/web', 'users'],
      ['logins', 'days', 'users'],
    ],
  ])('%j selects %j', ([selectors, expected]) => {
    expect(select(...selectors)).toEqual(expected);
  });

  test('that matches nothing is refused, all of it at once, with a way out', () => {
    expect(() => select('score', 'tag:growht', 'path:models/we')).toThrow(
      expect.objectContaining({
        code: 'USAGE_INVALID',
        exitCode: 2,
        message: 'There is no model `score`. No model has the tag `growht`. No model lies in `models/we`.',
        hint: expect.stringMatching(/`scores`.*`growth`/),
      }),
    );
  });
});
