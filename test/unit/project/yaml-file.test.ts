import { describe, expect, test } from 'vitest';
import type { Problem } from '../../../src/errors/scoreline-error.ts';
import { parseYaml } from '../../../src/project/files/yaml-file.ts';
import { problemLine } from '../../support/project-problems.ts';

function parse(text: string) {
  const problems: Problem[] = [];
  const yaml = parseYaml('x.yml', text, (problem) => problems.push(problem));
  return { yaml, lines: problems.map(problemLine) };
}

describe('places', () => {
  const { yaml } = parse(`top: 1
rules:
  - id: a
    where: "x = 1"
    sql: |  # note
      select 1
      from t
    folded: >-
      a b
  - { id: b, points: 'text' }
base: &base { k: v, n: 1 }
use: *base
merged:
  <<: [*base]
  n: 2
empty:
`);

  test.each([
    [['top'], { line: 1, column: 6 }],
    [['rules'], { line: 3, column: 3 }],
    [['rules', 0], { line: 3, column: 5 }],
    [['rules', 0, 'id'], { line: 3, column: 9 }],
    [['rules', 1, 'id'], { line: 10, column: 11 }],
  ])('of %j is where its value begins', (path, place) => {
    expect(yaml.locate(path)).toEqual(place);
  });

  test('of quoted text is after the quote', () => {
    expect(yaml.locate(['rules', 0, 'where'])).toEqual({ line: 4, column: 13 });
  });

  test('of block text is its first line', () => {
    expect(yaml.locate(['rules', 0, 'sql'])).toEqual({ line: 6, column: 7 });
    expect(yaml.locate(['rules', 0, 'folded'])).toEqual({ line: 9, column: 7 });
  });

  test('of what is not there are those of the nearest parent', () => {
    expect(yaml.locate(['rules', 1, 'decay', 'half_life'])).toEqual({ line: 10, column: 5 });
    expect(yaml.locate(['rules', 7])).toEqual({ line: 3, column: 3 });
    expect(yaml.locate(['nothing'])).toEqual({ line: 1, column: 1 });
  });

  test('of aliased and merged values are where they are written', () => {
    expect(yaml.locate(['use', 'k'])).toEqual({ line: 11, column: 18 });
    expect(yaml.locate(['merged', 'k'])).toEqual({ line: 11, column: 18 });
    expect(yaml.locate(['merged', 'n'])).toEqual({ line: 15, column: 6 });
  });

  test('of keys are their own', () => {
    expect(yaml.locateKey([], 'rules')).toEqual({ line: 2, column: 1 });
    expect(yaml.locateKey(['rules', 0], 'where')).toEqual({ line: 4, column: 5 });
    expect(yaml.locateKey(['rules', 0], 'missing')).toEqual({ line: 3, column: 5 });
  });

  test('come with the value as it is written', () => {
    expect(yaml.written(['rules', 0, 'where'])).toBe('"x = 1"');
    expect(yaml.written(['rules', 1, 'points'])).toBe("'text'");
    expect(yaml.written(['top'])).toBe('1');
    expect(yaml.written(['rules'])).toBeUndefined();
    expect(yaml.written(['use'])).toBeUndefined();
    expect(yaml.written(['empty'])).toBeUndefined();
    expect(yaml.written(['nothing', 'here'])).toBeUndefined();
  });

  test('come with a long value cut', () => {
    expect(parse(`a: ${'x'.repeat(200)}`).yaml.written(['a'])).toBe(`${'x'.repeat(80)}…`);
  });
});

describe('what is no YAML', () => {
  test.each([
    ['a: 1\nb: 2\na: 3\n', 'x.yml:3:1 the key `a` stands twice in one map (again in line 3)'],
    ['a:\n\tb: 1\n', 'x.yml:2:1 the indentation has a tab: expected spaces | Replace tabs by spaces.'],
    [
      'a: 1\n---\nb: 2\n',
      'x.yml:2:1 a second document begins here: expected one document in a file | Remove the line `---`.',
    ],
    ['', 'x.yml:1:1 the file is empty: expected a map of keys and values'],
    ['# only a comment\n', 'x.yml:1:1 the file is empty: expected a map of keys and values'],
    ['a: *b\n', 'x.yml:1:4 no anchor &b stands before this alias'],
    ['a: &a\n  b: *a\n', 'x.yml:2:6 the alias stands inside its own anchor, so the value would never end'],
    ['a: !secret x\n', 'x.yml:1:4 not readable as YAML: Unresolved tag: !secret'],
    ['a: "x\n', 'x.yml:2:1 not readable as YAML: Missing closing "quote'],
    ['a: b: c\n', 'x.yml:1:4 not readable as YAML: Nested mappings are not allowed in compact mappings'],
  ])('%j is named with its place', (text, line) => {
    expect(parse(text).lines).toEqual([line]);
  });

  test('is reported in all places at once', () => {
    expect(parse('a: 1\na: 2\nb: [1,\nc: @x\n').lines.length).toBeGreaterThan(2);
  });

  test('does not repeat what the parser met, which may be a secret', () => {
    const { lines } = parse('token: "a" "pat-secret"\n} pat-secret\n');
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.join()).not.toContain('pat-secret');
  });

  test('gives no data, but a repeated key leaves the rest readable', () => {
    expect(parse('a: [1').yaml.data).toBeUndefined();
    expect(parse('a: 1\na: 2\nb: 3').yaml.data).toMatchObject({ b: 3 });
  });

  test('may not grow by nested aliases', () => {
    const level = (name: string, of: string) =>
      `${name}: &${name} [${Array.from({ length: 10 }, () => of).join(', ')}]`;
    const text = [level('a', '1'), level('b', '*a'), level('c', '*b'), level('d', '*c')].join('\n');
    expect(parse(text).lines).toEqual([
      'x.yml:1:1 the aliases of this file stand for far too much data: expected at most 100 uses',
    ]);
  });
});
