import { describe, expect, it } from 'vitest';
import { places, render } from './render-context.ts';

/** `line:column value` of each refused piece. */
function refused(template: string): readonly string[] {
  return places(render(template)).map((place) => {
    const [where, message] = place.split(': ', 2);
    return message?.startsWith('a piece of SQL whose value only the warehouse sees') ? String(where) : place;
  });
}

describe('pieces of SQL in a template', () => {
  const misuses: readonly (readonly [what: string, template: string, ...refused: string[]])[] = [
    ['a condition', "{% if param('strict') %}select 1{% else %}select 2{% endif %}", "1:7 param('strict')"],
    ['a comparison', "{% if param('name') == 'x' %}{% endif %}select 1", "1:7 param('name')"],
    ['a condition in a line', "select {{ 1 if param('strict') else 2 }}", "1:16 param('strict')"],
    ['an elif', "select 1 {% if false %}{% elif param('strict') %}{% endif %}", "1:32 param('strict')"],
    ['a loop', "select 1 {% for x in param('plans') %}{{ x }}{% endfor %}", "1:22 param('plans')"],
    ['a list of a loop', "select 1 {% for x in [param('name')] %}, {{ x }}{% endfor %}", "1:23 param('name')"],
    ['a filter', "select {{ param('name')|upper }}", "1:11 param('name')"],
    ['a filter of a macro', "select {{ url_path('url')|length }}", "1:11 url_path('url')"],
    ['an argument of a filter', "select {{ 'x'|replace('x', param('name')) }}", "1:28 param('name')"],
    [
      'a concatenation',
      "select {{ param('name') ~ 'x' }}, {{ ('x' ~ (param('name'))) }}",
      "1:11 param('name')",
      "1:46 param('name')",
    ],
    ['a concatenated argument', "select {{ url_path('lower(' ~ param('name') ~ ')') }}", "1:31 param('name')"],
    [
      'arithmetic',
      "select {{ param('min_seats') + 1 }}, {{ -param('min_seats') }}",
      "1:11 param('min_seats')",
      "1:42 param('min_seats')",
    ],
    [
      'an index',
      "select {{ param('name')[0] }}, {{ {'a': 1}[param('name')] }}",
      "1:11 param('name')",
      "1:44 param('name')",
    ],
    ['an attribute', "select {{ param('name').x }}", "1:11 param('name')"],
    ['a call of its result', "select {{ ref('leads')() }}", "1:11 ref('leads')"],
    ['a map', "select {{ {'a': param('name')}['a'] }}", "1:17 param('name')"],
    ['a test', "{% if ref('leads') is defined %}select 1{% endif %}", "1:7 ref('leads')"],
    ['a function of the engine', "select {{ range(param('min_seats')) }}", "1:17 param('min_seats')"],
    ['a filter block', "select {% filter upper %}{{ param('name') }}{% endfilter %}", "1:29 param('name')"],
    ['a variable in a condition', "{% set x = param('name') %}select 1 {% if x %}, 2{% endif %}", '1:43 x'],
    ['a variable of a variable', "{% set x = param('name') %}{% set y = x %}select {{ y|upper }}", '1:53 y'],
    ['a block variable', "{% set x %}a {{ param('name') }}{% endset %}select {{ x|trim }}", '1:55 x'],
    [
      'a filtered block variable',
      "{% set x | upper %}a {{ param('name') }}{% endset %}select {{ x }}",
      "1:25 param('name')",
    ],
    ['a variable of a with block', "{% with a = 1, x = param('name') %}select {{ x ~ a }}{% endwith %}", '1:46 x'],
    [
      'a parameter of a macro',
      "{% macro m(x) %}{% if x == 'a' %}1{% else %}2{% endif %}{% endmacro %}select {{ m(param('name')) }}",
      '1:23 x',
    ],
    [
      'a named parameter of a macro',
      "{% macro m(x, y) %}{{ y|upper }}{% endmacro %}select {{ m(1, y=param('name')) }}",
      '1:23 y',
    ],
    [
      'a macro called in a condition',
      "{% macro m() %}{{ param('name') }}{% endmacro %}select 1 {% if m() == 'x' %}{% endif %}",
      '1:64 m()',
    ],
    [
      'a macro that is defined later',
      "{% if false %}{{ m(param('name')) }}{% endif %}{% macro m(x) %}{{ x|upper }}{% endmacro %}select 1",
      '1:67 x',
    ],
    ['a default of a macro', "{% macro m(x=param('name')) %}{{ x|upper }}{% endmacro %}select {{ m() }}", '1:34 x'],
    [
      'a variable that was a relation before',
      "{% set x = ref('leads') %}select {{ [x][0] }}{% set x = param('name') %}",
      '1:38 x',
    ],
    [
      'the body of a call',
      "{% macro m() %}{{ caller()|upper }}{% endmacro %}select {% call m() %}{{ param('name') }}{% endcall %}",
      '1:19 caller()',
    ],
    [
      'an attribute of a namespace',
      "{% set n = namespace() %}{% set n.x = param('name') %}select 1 {% if n.x %}{% endif %}",
      '1:70 n',
    ],
  ];
  for (const [what, template, ...expected] of misuses) {
    it(`are refused in ${what}`, () => expect(refused(template)).toEqual(expected));
  }

  const uses: readonly (readonly [what: string, template: string])[] = [
    ['alone, with white space taken away', "select (  {{- param('name') -}} )"],
    ['in parentheses', "select {{ (param('name')) }}"],
    ['as either of two', "select {{ param('name') if target.type == 'duckdb' else param('min_seats') }}"],
    ['as an argument of a macro', "select {{ days_between('a', param('as_of')) }}"],
    ['as an argument of an argument', "select {{ safe_divide(days_between('a', 'b'), param('share')) }}"],
    ['in a variable', "{% set x = param('name') %}select {{ x }}, {{ url_path(x) }}"],
    ['in a variable of a block', "{% set x %}lower({{ param('name') }}){% endset %}select {{ url_path(x) }}"],
    ['in a with block', "{% with x = param('name'), r = ref('leads') %}select {{ x }} from {{ r }}{% endwith %}"],
    [
      'as an argument of a macro of the template',
      "{% macro m(x, y) %}{{ x }} + {{ y }}{% endmacro %}select {{ m(param('share'), y=param('min_seats')) }}",
    ],
    ['in a macro', "{% macro m() %}{{ param('name') }}{% endmacro %}{% set x = m() %}select {{ x }}"],
    [
      'in a call',
      "{% macro m(x) %}{{ x }}, {{ caller() }}{% endmacro %}select {% call m(param('name')) %}{{ param('share') }}{% endcall %}",
    ],
    [
      'in a condition that is about something else',
      "select {% if target.type == 'duckdb' %}{{ param('name') }}{% endif %}",
    ],
    [
      'as relations of a loop',
      "{% for r in [ref('leads'), source('app', 'users')] %}{% if not loop.first %} union {% endif %}select 1 from {{ r }}{% endfor %}",
    ],
    [
      'as relations in a list and a map',
      "{% set all = {'a': ref('leads')} %}{% set more = [ref('logins')] %}select 1 from {{ all.a }}, {{ more[0] }}",
    ],
  ];
  for (const [what, template] of uses) {
    it(`may stand ${what}`, () => expect(refused(template)).toEqual([]));
  }

  it('keeps the names of its functions to itself', () => {
    const taken = expect.stringContaining('is called as');
    expect(refused("{% set ref = 'x' %}select 1")).toEqual([taken]);
    expect(refused('{% macro url_path(x) %}{% endmacro %}select 1')).toEqual([taken]);
    expect(refused("{% set p = param %}select {{ p('name') }}")).toEqual([taken]);
    expect(refused("select {{ 'x'|ref }}")).toEqual([taken]);
    expect(refused("{% set x = {'ref': 1} %}select {{ x.ref }}, 'param', ref from t")).toEqual([]);
  });
});
