import { describe, expect, test } from 'vitest';
import { bigQueryDialect } from '../../../src/sql/dialects/bigquery.ts';
import { checkSql } from '../../../src/sql/syntax/check-sql.ts';
import { bigQueryLexis } from '../../../src/sql/syntax/lexis.ts';
import { tokenizeSql } from '../../../src/sql/syntax/tokenize-sql.ts';
import { render } from './render-context.ts';

function tokens(text: string): readonly string[] {
  return tokenizeSql(text, bigQueryLexis).map((token) => `${token.kind}${token.closed ? '' : '!'} ${token.text}`);
}

describe('the tokens of BigQuery', () => {
  test.for([
    ["'it\\'s' x", "string 'it\\'s'", 'word x'],
    ['"a\\"b" x', 'string "a\\"b"', 'word x'],
    ["r'\\' x' y", "string r'\\' x'", 'word y'],
    ['rb\'x\' Br"y"', "string rb'x'", 'string Br"y"'],
    ["'''a'b''c\n''' x", "string '''a'b''c\n'''", 'word x'],
    ['"""a"b\\""" c""" x', 'string """a"b\\""" c"""', 'word x'],
    ["'' 'a'", "string ''", "string 'a'"],
    ["'a''b'", "string 'a'", "string 'b'"],
    ["'a\nc'", "string! 'a", 'word c', "string! '"],
    ['`a`.`b\\`c`', 'quoted `a`', 'symbol .', 'quoted `b\\`c`'],
    ["a # it's\nb -- it's\nc", 'word a', "line_comment # it's", 'word b', "line_comment -- it's", 'word c'],
    ['/* /* */ a', 'block_comment /* /* */', 'word a'],
    ['@p1 ? @@time_zone', 'placeholder @p1', 'placeholder ?', 'placeholder @@time_zone'],
    ["bar'x'", 'word bar', "string 'x'"],
    ['0x1F 1.5e-3 .5', 'number 0x1F', 'number 1.5e-3', 'number .5'],
    ["$$ ' $$", 'symbol $', 'symbol $', "string! ' $$"],
  ] as const)('of %s', ([text, ...expected]) => {
    expect(tokens(text)).toEqual(expected);
  });

  const hidden: readonly (readonly [template: string, where: string])[] = [
    ["'a\\' || {{ param('name') }} || '", 'a literal'],
    ['"{{ param(\'name\') }}"', 'a literal'],
    ["'''it's {{ param('name') }}'''", 'a literal'],
    ["`{{ param('name') }}`", 'a quoted name'],
    ["1 # {{ param('name') }}", 'a comment'],
  ];
  test.for(hidden)('keep a parameter out of %s', ([template, where]) => {
    const { problems } = render(template, 'expression', { dialect: bigQueryDialect });
    expect(problems.map(({ message }) => message).join()).toMatch(new RegExp(`${where}|does not end`));
  });

  test('let a parameter stand behind what only looks open elsewhere', () => {
    const { compiled, problems } = render("concat('it\\'s', {{ param('name') }}) # why's that", 'expression', {
      dialect: bigQueryDialect,
    });
    expect(problems).toEqual([]);
    expect(compiled.text).toBe("concat('it\\'s', cast(@p1 as string)) # why's that\n");
  });

  test('refuse placeholders and second statements', () => {
    const messages = (text: string) => checkSql(text, 'select', bigQueryLexis).problems.map(({ message }) => message);
    expect(messages('select @p1')).toEqual(['a placeholder for a value that nobody gives']);
    expect(messages('select @@project_id')).toEqual(['a placeholder for a value that nobody gives']);
    expect(messages("select '\\'; drop table t; --'")).toEqual([]);
    expect(messages("select r'\\'; drop table t; --'")).toEqual([]);
    expect(messages('select "a"; drop table t')).toHaveLength(1);
  });

  test('are those that names and texts of ours are written in', () => {
    for (const odd of ["it's", 'back`tick', 'back\\slash', 'line\nend', '"quoted"', "'''", '\\']) {
      const { text } = bigQueryDialect.compile(
        bigQueryDialect.jsonText(bigQueryDialect.relation({ schema: odd, name: odd }), odd),
      );
      expect(
        tokens(text).filter((token) => token.includes('!')),
        text,
      ).toEqual([]);
      expect(tokens(text).map((token) => token.split(' ')[0])).toEqual([
        'word',
        'symbol',
        'quoted',
        'symbol',
        'quoted',
        'symbol',
        'string',
        'symbol',
      ]);
    }
  });
});
