import { describe, expect, test } from 'vitest';
import { problemLine, problemsWith } from '../../support/project-problems.ts';

const config = (body: string) => ({
  'config/scoreline.yml': `version: 1\nproject: x\nparams: { half_life: 14d }\nentities: { lead: { relation: t, key: lead_id } }\n${body}\n`,
});
const target = (more: string) =>
  config(`targets: { test: { warehouse: { type: duckdb, path: x.duckdb }, hubspot: { sandbox: true }, ${more} } }`);
const card = (body: string) => ({
  'models/card.yml': `kind: scorecard\nentity: lead\n${body}\n`,
});
const rule = (more: string) => card(`rules: [{ id: a, when: x, points: 1, ${more} }]`);
const sync = (more: string, object = 'contacts') => ({
  'syncs/other.yml': `object: ${object}\nmodel: lead_score\nmatch: { email: email }\nproperties: { p: { column: c, type: string } }\n${more}\n`,
});

describe('an unknown key', () => {
  test.each([
    [config('targetz: {}'), 'unknown key `targetz` | Did you mean `targets`?'],
    [target('schem: x'), 'unknown key `targets.test.schem` | Did you mean `schema`?'],
    [card('rules: [{ id: a, when: x, points: 1 }]\nteirs: []'), 'unknown key `teirs` | Did you mean `tiers`?'],
    [rule('pionts: 2'), 'unknown key `rules[0].pionts` | Did you mean `points`?'],
    [rule('Group: web'), 'unknown key `rules[0].Group` | Did you mean `group`?'],
    [rule('decay: { halflife: 3d }'), 'unknown key `rules[0].decay.halflife` | Did you mean `half_life`?'],
    [sync('propertys: {}'), 'unknown key `propertys` | Did you mean `properties`?'],
    [
      { 'models/leads.yml': 'sql: sql/leads.sql\nkey: [lead_id]\nrules: []' },
      'unknown key `rules` | `rules` belongs to `kind: scorecard`.',
    ],
    [
      card('rules: [{ id: a, when: x, points: 1 }]\nmaterialize: view'),
      'unknown key `materialize` | `materialize` belongs to `kind: sql`.',
    ],
    [
      {
        'models/leads.yml':
          'sql: sql/leads.sql\nkey: [lead_id]\ncolumns: [{ name: a, tests: [{ betwen: { min: 1 } }] }]',
      },
      'unknown key `columns[0].tests[0].betwen` | Did you mean `between`?',
    ],
  ])('%j is reported by name', (files, expected) => {
    const lines = problemsWith(files).map(problemLine);
    expect(lines.filter((line) => line.endsWith(expected))).toHaveLength(1);
  });

  test('has the place of the key, and the key as its value', () => {
    expect(problemsWith(rule('pionts: 2'))).toEqual([
      {
        code: 'CONFIG_INVALID',
        file: 'models/card.yml',
        line: 3,
        column: 38,
        value: 'pionts',
        message: 'unknown key `rules[0].pionts`',
        hint: 'Did you mean `points`?',
      },
    ]);
  });

  test('with nothing close to it lists the keys there are', () => {
    const [problem] = problemsWith({ 'models/leads.yml': 'sql: sql/leads.sql\nkey: [lead_id]\nxyzzy: 1' });
    expect(problem?.hint).toBe(
      'Known: kind, for_each, description, tags, params, columns, tests, unit_tests, sql, key, materialize.',
    );
  });

  test('that only looks like one because braces were not quoted is explained', () => {
    expect(problemsWith(rule('limit: {{ param("x") }}')).map(problemLine)).toEqual([
      'models/card.yml:3:45 `rules[0].limit` is a map: expected a number above 0 or "{{ param(\'name\') }}" | YAML reads braces as a map: quote the text, "{{ … }}".',
    ]);
  });
});

describe('what later versions have', () => {
  const entries: readonly (readonly [string, Parameters<typeof problemsWith>[0]])[] = [
    ...['schedule'].map((key) => [key, sync(`${key}: x`)] as const),
  ];

  test.each(entries)('key %s is refused as not supported yet', (key, files) => {
    const [problem, ...others] = problemsWith(files).filter(({ code }) => code === 'CONFIG_NOT_SUPPORTED');
    expect(problem).toMatchObject({ message: `\`${key}\` is not supported yet`, line: expect.any(Number) });
    expect(others).toEqual([]);
  });

  test.each(['predictive'])('kind %s is refused, the rest of its file is not judged', (kind) => {
    const files = { 'models/mix.yml': `description: x\nkind: ${kind}\ninputs: { fit: lead_score }\n` };
    expect(problemsWith(files).map(problemLine)).toEqual([
      `models/mix.yml:2:7 \`kind: ${kind}\` is not supported yet | Take it out for now: a later version will have it.`,
    ]);
  });
});

describe('a value of the wrong type', () => {
  test.each([
    [card('rules: yes'), '`rules` is yes: expected a list of rules'],
    [card('rules: []'), '`rules` is a list: expected at least one rule'],
    [card('rules: [a]'), '`rules[0]` is a: expected a map of keys and values'],
    [rule('limit: -3'), '`rules[0].limit` is -3: expected a number above 0 or "{{ param(\'name\') }}"'],
    [rule('limit: .nan'), '`rules[0].limit` is .nan: expected a number above 0 or "{{ param(\'name\') }}"'],
    [rule('label:'), '`rules[0].label` is empty: expected text'],
    [rule('label: "  "'), '`rules[0].label` is "  ": expected text that is not empty'],
    [
      card('base: "{{ param(x) }}"\nrules: [{ id: a, when: x, points: 1 }]'),
      '`base` is "{{ param(x) }}": expected a number or "{{ param(\'name\') }}"',
    ],
    [card('range: [1]\nrules: [{ id: a, when: x, points: 1 }]'), '`range` is a list: expected [lowest, highest]'],
    [
      card('rules: [{ id: A-1, when: x, points: 1 }]'),
      '`rules[0].id` is A-1: expected a name of at most 50 lower-case letters, digits and _ that starts with a letter',
    ],
    [
      card('rules: [{ when: x, points: 1 }]'),
      '`rules[0].id` is missing: expected a name of at most 50 lower-case letters, digits and _ that starts with a letter',
    ],
    [{ 'models/list.yml': '- a' }, 'the file is a list: expected a map of keys and values'],
    [{ 'models/word.yml': 'word' }, 'the file is word: expected a map of keys and values'],
    [{ 'models/odd.yml': 'kind: 3' }, '`kind` is 3: expected sql, scorecard, combine or audience'],
    [{ 'models/odd.yml': 'kind: [sql]' }, '`kind` is a list: expected sql, scorecard, combine or audience'],
    [{ 'models/odd.yml': 'key: [a]' }, '`sql` is missing: expected a SQL file of the project'],
    [sync('mode: updat'), '`mode` is updat: expected update, upsert or mirror | Did you mean `update`?'],
    [sync('', '0-1'), "`object` is 0-1: expected contacts, companies, deals or a custom object's type"],
    [sync('lists: { a: hot_leads }'), '`lists.a` is hot_leads: expected a map of keys and values'],
  ])('%j says what was found and what was expected', (files, expected) => {
    expect(problemsWith(files).map(problemLine)).toEqual([expect.stringContaining(expected)]);
  });

  test.each(['14 d', '-3d', '0d', '1.5d', 'd', '14', '14days', '9999999d'])('duration %j is refused', (written) => {
    const lines = problemsWith(card(`rules: [{ id: a, events: t, at: x, points: 1, within: ${written} }]`));
    expect(lines.map(({ message }) => message)).toEqual([
      `\`rules[0].within\` is ${written}: expected a duration such as 14d: a whole number above 0 and m, h, d or w, without a space, or "{{ param('name') }}"`,
    ]);
  });

  test.each(['0%', '101%', '50 %', '0', '1.5', '-0.1', 'half'])('share %j is refused', (written) => {
    const lines = problemsWith(
      card(`rules: [{ id: a, events: t, at: x, points: 1, decay: { every: 30d, by: ${written} } }]`),
    );
    expect(lines.map(({ message }) => message)).toEqual([
      `\`rules[0].decay.by\` is ${written}: expected a share above 0 and of at most 100%, such as 50%, or "{{ param('name') }}"`,
    ]);
  });

  test.each(['0', '1.5', '-1', 'three', 'true'])('max_per_day %j is refused', (written) => {
    const lines = problemsWith(card(`rules: [{ id: a, events: t, at: x, points: 1, max_per_day: ${written} }]`));
    expect(lines.map(({ message }) => message)).toEqual([
      `\`rules[0].max_per_day\` is ${written}: expected a whole number of at least 1 or "{{ param('name') }}"`,
    ]);
  });
});

test('problems of all files are reported at once, in the order of files and lines', () => {
  const problems = problemsWith({
    ...config('targets: { test: { warehouse: { type: duckdb, path: x.db }, hubspot: { sandbox: true }, schem: x } }'),
    'models/card.yml': 'kind: scorecard\nentity: lead\nbase: x\nrules: [{ id: a, points: 1 }]\n',
    'models/broken.yml': 'a: [1',
    'syncs/other.yml': 'object: contcts\n',
  });
  const places = problems.map(({ file, line }) => `${file}:${line}`);
  expect(places).toEqual([...places].sort());
  expect(new Set(problems.map(({ file }) => file))).toEqual(
    new Set(['config/scoreline.yml', 'models/broken.yml', 'models/card.yml', 'syncs/other.yml']),
  );
  expect(places).toContain('models/card.yml:3');
  expect(places).toContain('models/card.yml:4');
  expect(problems.find(({ message }) => message.includes('contcts'))?.hint).toBe('Did you mean `contacts`?');
});
