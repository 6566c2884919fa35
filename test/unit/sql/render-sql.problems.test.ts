import { describe, expect, it, vi } from 'vitest';
import { places, render } from './render-context.ts';

type Kind = Parameters<typeof render>[1];

function problems(text: string, kind?: Kind) {
  return places(render(text, kind));
}

describe('problems of a template', () => {
  it('names unknown models, sources, parameters and functions, with their places and what is close', () => {
    const { problems: found } = render(
      "select *\nfrom {{ ref('lead') }}, {{ source('app', 'user') }}\nwhere x = {{ param('min_seat') }}",
    );
    expect(found).toEqual([
      {
        code: 'MODEL_INVALID',
        file: 'sql/leads.sql',
        line: 2,
        column: 9,
        value: "ref('lead')",
        message: 'there is no model `lead`',
        hint: 'Did you mean `leads`?',
      },
      {
        code: 'MODEL_INVALID',
        file: 'sql/leads.sql',
        line: 2,
        column: 28,
        value: "source('app', 'user')",
        message: 'there is no source table `app.user`',
        hint: 'Did you mean `app.users`?',
      },
      {
        code: 'MODEL_INVALID',
        file: 'sql/leads.sql',
        line: 3,
        column: 14,
        value: "param('min_seat')",
        message: 'there is no parameter `min_seat`',
        hint: 'Did you mean `min_seats`?',
      },
    ]);
    const unknown = render("select 1,\n  {{ dayz_between('a', 'b') }}").problems;
    expect(unknown).toMatchObject([
      { line: 2, column: 6, value: 'dayz_between', hint: 'Did you mean `days_between`?' },
    ]);
  });

  it('finds the line of a call in a loop, in a macro and behind a condition, and reports it once', () => {
    const template = `{% macro oldest() %}
  {{ ref('gone') }}
{% endmacro %}
select 1 from x {% for i in range(3) %}
  union all select 1 from {{ ref('lost') }} {% endfor %}
{% if true %} union all select 1 from {{ oldest() }}{% endif %}`;
    expect(problems(template)).toEqual([
      "2:6 ref('gone'): there is no model `gone`",
      "5:30 ref('lost'): there is no model `lost`",
    ]);
  });

  it('shows syntax errors of the template with line and column', () => {
    expect(problems("select\n  {{ ref('leads' }}")).toEqual([
      expect.stringMatching(/^2:\d+ .*: syntax error: unexpected/),
    ]);
    expect(problems('select 1\n{% if true %}')).toEqual([expect.stringMatching(/^2:\d+ .*: syntax error/)]);
    expect(problems('select\n  {{ nope }}\n')).toEqual(['2:3 {{ nope }}: a variable of this line is not defined']);
    expect(problems("select {{ 'a'|shout }}")).toEqual(['1:15 shout: there is no filter `shout`']);
    expect(problems("{% include 'x.sql' %}")).toEqual([expect.stringContaining('cannot include')]);
  });

  it('stops a template that does not come to an end', () => {
    const loop = '{% for i in range(10000) %}{% for j in range(10000) %}{% endfor %}{% endfor %}';
    expect(problems(`select 1 ${loop}`)).toEqual([expect.stringContaining('does not come to an end')]);
    expect(problems('{% macro m() %}{{ m() }}{% endmacro %}select {{ m() }}')).toEqual([
      expect.stringContaining('recursion limit'),
    ]);
  });

  it('outlives a template that breaks the template engine', () => {
    // The engine prints its panics.
    const printed = vi.spyOn(console, 'error').mockImplementation(() => {});
    expect(problems("select {{ 'x' * 3000000000 }}")).toEqual([
      expect.stringContaining('the template engine breaks down'),
    ]);
    printed.mockRestore();
    expect(problems("select {{ param('name') }}")).toEqual([]);
    expect(problems('select {{ nope }}')).toHaveLength(1);
  });

  it('counts lines and columns from where the text stands in its file', () => {
    const found = render("a = {{ param('nobody') }}\nor {{ param('nothing') }}", 'expression', {
      at: { line: 12, column: 12 },
    }).problems;
    expect(found.map(({ line, column }) => [line, column])).toEqual([
      [12, 19],
      [13, undefined],
    ]);
  });

  it('finds the line of plain SQL behind loops, conditions and trimmed white space', () => {
    const template = `{% if false %}

{% endif %}
{%- for c in ['a', 'b'] %}
{%- endfor %}
select
  {% for c in ['a', 'b'] -%}
    {{ c }},
  {% endfor %}
  now() as at`;
    expect(problems(template)).toEqual([
      '10:3 now: reads the clock: results must depend on the data and on `as_of` alone',
    ]);
  });

  it('refuses calls with wrong arguments', () => {
    expect(
      problems(
        "select {{ ref('a', 'b') }} {{ ref(nope) }} {{ source('app') }} {{ param() }} {{ param(name='x') }} {{ ref(1) }}",
      ),
    ).toEqual([
      "1:11 ref('a', 'b'): expected ref('model')",
      "1:31 ref(nope): expected ref('model')",
      "1:47 source('app'): expected source('source', 'table')",
      "1:67 param(): expected param('name')",
      "1:81 param(name='x'): expected param('name')",
      "1:103 ref(1): expected ref('model')",
    ]);
  });

  it('refuses characters that stand for its own markers', () => {
    expect(problems('select 1,\n \uE0000\uE001')).toEqual([
      expect.stringMatching(/^2:2 .*a character that Scoreline uses itself/),
    ]);
    expect(problems('select {{ "\\ue0005\\ue001" }}')).toEqual([
      expect.stringContaining('a character that Scoreline uses itself'),
    ]);
    expect(problems('select 1 \0')).toHaveLength(1);
  });
});

describe('problems of the places of calls', () => {
  it('refuses calls in literals, quoted names and comments', () => {
    const template = `select '{{ param('name') }}', "{{ ref('leads') }}", $$ {{ param('name') }} $$ -- {{ ref('leads') }}
/* {{ ref('logins') }} */`;
    expect(problems(template)).toEqual([
      "1:12 param('name'): stands in a literal, where it would be text: expected a place where SQL can stand",
      "1:35 ref('leads'): stands in a quoted name, where it would be text: expected a place where SQL can stand",
      "1:59 param('name'): stands in a literal, where it would be text: expected a place where SQL can stand",
      "1:85 ref('leads'): stands in a comment, where it would be text: expected a place where SQL can stand",
      "2:7 ref('logins'): stands in a comment, where it would be text: expected a place where SQL can stand",
    ]);
    expect(render("select 1 -- {{ ref('leads') }}").problems[0]?.hint).toContain('{# … #}');
  });

  it('refuses calls that run together with the text beside them', () => {
    const touching = [
      "a{{ param('name') }}",
      "{{ param('name') }}a",
      "1{{ param('min_seats') }}",
      "t.{{ param('name') }}",
      "{{ param('name') }}.x",
      "{{ param('name') }}{{ param('name') }}",
      "'a'{{ param('name') }}",
    ];
    for (const text of touching) {
      expect({ text, problems: problems(text, 'expression') }).toEqual({
        text,
        problems: [expect.stringContaining('runs together'), ...(text.includes('}}{{') ? [expect.anything()] : [])],
      });
    }
    expect(problems("a={{ param('name') }}::text||({{ param('name') }})", 'expression')).toEqual([]);
  });

  it('refuses lists that do not stand right of IN, and durations', () => {
    const list = expect.stringContaining('a list of texts stands right of IN');
    expect(
      problems("select {{ param('plans') }} = x, any({{ param('plans') }}), x in (1, {{ param('plans') }})"),
    ).toEqual([list, list, list]);
    expect(problems("select {{ param('half_life') }}")).toEqual([
      expect.stringContaining('a length of time has no SQL of its own'),
    ]);
  });
});

describe('problems of the SQL', () => {
  const cases: readonly (readonly [kind: NonNullable<Kind>, text: string, problem: string])[] = [
    ['select', '', '1:1 : there is no SQL here: expected one SELECT'],
    ['select', '-- nothing', '1:1 -- nothing: there is no SQL here: expected one SELECT'],
    ['select', 'insert into x select 1', '1:1 insert: expected one SELECT, which begins with `select` or `with`'],
    ['select', '(select 1)', '1:1 (: expected one SELECT, which begins with `select` or `with`'],
    [
      'select',
      'select 1;\nselect 2',
      '1:9 ;: a semicolon ends the statement: expected one statement, and nothing after it',
    ],
    ['select', 'select 1;;', '1:9 ;: a semicolon ends the statement: expected one statement, and nothing after it'],
    [
      'select',
      'with x as (select 1) delete from y',
      '1:22 delete: a statement that writes: expected a SELECT, which only reads',
    ],
    [
      'select',
      'with x as (insert into y values (1) returning *) select 1',
      '1:12 insert: a statement that writes: expected a SELECT, which only reads',
    ],
    [
      'select',
      "with x as (delete from {{ ref('leads') }}) select 1",
      '1:12 delete: a statement that writes: expected a SELECT, which only reads',
    ],
    ['select', 'select (1', '1:8 (: `(` is not closed'],
    ['select', 'select 1)', '1:9 ): `)` closes nothing that was opened'],
    ['select', 'select [1)', '1:10 ): `)` closes nothing that was opened'],
    ['select', "select 'a", "1:8 'a: the text that begins here does not end"],
    ['select', 'select "a', '1:8 "a: the quoted name that begins here does not end'],
    ['select', 'select $a$ $b$', '1:8 $a$ $b$: the text that begins here does not end'],
    ['select', 'select /* /* */ 1', '1:8 /* /* */ 1: the comment that begins here does not end'],
    ['select', 'select ?', '1:8 ?: a placeholder for a value that nobody gives'],
    ['select', 'select $1', '1:8 $1: a placeholder for a value that nobody gives'],
    ['select', 'select $name', '1:8 $name: a placeholder for a value that nobody gives'],
    ['expression', ' ', '1:1 : there is no SQL here: expected an expression over the columns of the relation'],
    ['expression', 'a, b', '1:2 ,: a comma separates two expressions: expected one'],
    ['expression', 'a) or (b', '1:2 ): `)` closes nothing that was opened'],
    ['expression', 'a; b', '1:2 ;: a semicolon ends the statement: expected one statement, and nothing after it'],
    [
      'expression',
      'select 1',
      '1:1 select: a statement stands here: expected an expression over the columns of the relation (a subquery goes in parentheses)',
    ],
    ['expression', 'at > now()', '1:6 now: reads the clock: results must depend on the data and on `as_of` alone'],
    [
      'relation',
      'raw.logins l',
      "1:1 raw: expected one {{ ref('…') }}, one {{ source('…', '…') }}, or the name of a table",
    ],
    [
      'relation',
      "{{ ref('leads') }} l",
      "1:4 ref('leads'): expected one {{ ref('…') }}, one {{ source('…', '…') }}, or the name of a table",
    ],
    [
      'relation',
      '(select 1)',
      "1:1 (: expected one {{ ref('…') }}, one {{ source('…', '…') }}, or the name of a table",
    ],
    ['relation', 'a.b.c.d', "1:1 a: expected one {{ ref('…') }}, one {{ source('…', '…') }}, or the name of a table"],
    ['relation', "{{ param('name') }}", "1:4 param('name'): is no relation: expected ref or source"],
  ];
  for (const [kind, text, problem] of cases) {
    it(`refuses as ${kind}: ${text.replace(/\n/g, ' ')}`, () => expect(problems(text, kind)).toEqual([problem]));
  }

  it('takes what only looks wrong', () => {
    expect(problems('with t(delete, update) as (select 1, 2) select "insert", coalesce(update, 1) from t')).toEqual([]);
    expect(problems('exists (select 1 from t where a in (1, 2)) and f(a, b)', 'expression')).toEqual([]);
    expect(problems('with x as (select 1), y as (select 2) select * from x, y')).toEqual([]);
  });

  it('reports every problem of a text at once, in their order', () => {
    expect(
      problems("select now(),\n {{ ref('x') }},\n '{{ param('name') }}',\n ?,\n {{ param('name')|upper }}"),
    ).toHaveLength(2);
    expect(
      problems("select now(),\n {{ ref('x') }},\n '{{ param('name') }}',\n ?").map(
        (problem) => problem.split(' ', 1)[0],
      ),
    ).toEqual(['1:8', '2:5', '3:6', '4:2']);
  });
});
