import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { places, render } from './render-context.ts';

/** The text and the values of binds, of a template that must have no problems. */
function rendered(text: string, kind: 'select' | 'expression' | 'relation' = 'select') {
  const result = render(text, kind);
  expect(places(result)).toEqual([]);
  return { text: result.compiled.text, binds: result.compiled.binds.map(({ value }) => value) };
}

describe('renderSql', () => {
  it('makes quoted names of ref and source, and typed binds of param', () => {
    const template = `select lower(name) from {{ ref('leads') }} join {{ source("app", "users") }} using (id)
where seats >= {{ param('min_seats') }} and share < {{param('share')}} and name = {{ param('name') }}
  and strict = {{ param('strict') }} and day >= {{ param('since') }} and at < {{ param('as_of') }}`;
    const result = render(template);
    expect(result.compiled).toEqual({
      text: `select lower(name) from "scoreline"."leads" join "raw"."users" using (id)
where seats >= cast($1 as bigint) and share < cast($2 as double) and name = cast($3 as varchar)
  and strict = cast($4 as boolean) and day >= cast($5 as date) and at < cast($6 as timestamptz)`,
      binds: [
        { type: { kind: 'integer' }, value: 5 },
        { type: { kind: 'double' }, value: 0.5 },
        { type: { kind: 'text' }, value: "O'Hara" },
        { type: { kind: 'boolean' }, value: true },
        { type: { kind: 'date' }, value: '2026-01-31' },
        { type: { kind: 'timestamp' }, value: '2026-03-31T12:00:00.000Z' },
      ],
    });
    expect([...result.refs]).toEqual(['leads']);
    expect([...result.sources]).toEqual(['app.users']);
    expect([...result.params]).toEqual(['min_seats', 'share', 'name', 'strict', 'since', 'as_of']);
  });

  it('puts a list right of IN, whether or not the template writes parentheses', () => {
    const list = 'in (cast($1 as varchar), cast($2 as varchar))';
    for (const written of ["in {{ param('plans') }}", "in ({{ param('plans') }})", "in ( {{ param('plans') }} )"]) {
      const { text, binds } = rendered(`select plan ${written} from t`);
      expect(text.replace(/\s*\)\s*from/, ') from').replace(/in\s+\(/, 'in (')).toBe(`select plan ${list} from t`);
      expect(binds).toEqual(['pro', 'team']);
    }
    expect(rendered("plan not in ({{ param('none') }})", 'expression').text).toBe(
      'plan not in (select cast(null as varchar) from (select 1 as one) as one_row where false)',
    );
  });

  it('never makes SQL of the value of a parameter', () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom("'; drop table x --", '{{ ref(1) }}', '\uE0000\uE001', '$1', '?'),
    );
    fc.assert(
      fc.property(value, fc.array(value), (name, list) => {
        const result = render("select {{ param('name') }} || 'x' from t where y in {{ param('plans') }}", 'select', {
          params: { name: { type: 'string', value: name }, plans: { type: 'string_list', value: ['fixed', ...list] } },
        });
        const binds = ['fixed', ...list].map((_, index) => `cast($${index + 2} as varchar)`);
        expect(result.problems).toEqual([]);
        expect(result.compiled.text).toBe(`select cast($1 as varchar) || 'x' from t where y in (${binds.join(', ')})`);
        expect(result.compiled.binds.map((bind) => bind.value)).toEqual([name, 'fixed', ...list]);
      }),
    );
  });

  it('keeps literals, quoted names and comments as they stand', () => {
    const sql = `select '?', 'it''s; $1', e'\\'; now()', $tag$ ; -- $tag$, "now()" /* ; ? /* nested */ ( */ -- current_date ')
from t`;
    expect(rendered(sql)).toEqual({ text: sql, binds: [] });
  });

  it('drops the semicolon at the end and the white space around', () => {
    expect(rendered('\n  select 1 ;\n\n').text).toBe('select 1');
    expect(rendered('select 1;\n-- done').text).toBe('select 1\n-- done\n');
  });

  it('ends a comment at the end with a line end, so that nothing behind it is swallowed', () => {
    expect(rendered("a > {{ param('min_seats') }} -- seats", 'expression').text).toBe(
      'a > cast($1 as bigint) -- seats\n',
    );
  });

  it('follows conditions, loops, variables and macros of the template', () => {
    const template = `{% macro either(a, b) %}({{ a }} or {{ b }}){% endmacro -%}
{% set seats = param('min_seats') -%}
{% for relation in [ref('leads'), ref('logins')] -%}
select {% if target.type == 'duckdb' %}1{% else %}2{% endif %} from {{ relation }} where {{ either('x', seats) }}
{%- if not loop.last %} union all {% endif %}
{%- endfor %}`;
    expect(rendered(template)).toEqual({
      text: 'select 1 from "scoreline"."leads" where (x or cast($1 as bigint)) union all select 1 from "scoreline"."logins" where (x or cast($2 as bigint))',
      binds: [5, 5],
    });
  });

  it('renders text of the template engine as SQL: raw blocks, comments, loops over literals', () => {
    expect(
      rendered(
        "{# {{ ref('x') }} #}select {% raw %}'{{ x }}'{% endraw %}{% for c in ['a', 'b'] %}, {{ c }}{% endfor %}",
      ).text,
    ).toBe("select '{{ x }}', a, b");
  });

  it('lets a column of a model be written behind its ref', () => {
    expect(rendered("select {{ ref('leads') }}.id from {{ ref('leads') }}").text).toBe(
      'select "scoreline"."leads".id from "scoreline"."leads"',
    );
  });

  it('gives the parameters and relations of the branches that were taken', () => {
    const result = render(
      "select 1 {% if false %}from {{ ref('leads') }}{% else %}from {{ ref('logins') }}{% endif %}",
    );
    expect([...result.refs]).toEqual(['logins']);
  });

  it('takes a name with up to three parts as a relation', () => {
    expect(rendered(" {{ ref('leads') }} ", 'relation').text).toBe('"scoreline"."leads"');
    expect(rendered('lake.raw."log ins"', 'relation').text).toBe('lake.raw."log ins"');
  });

  it('throws what the scope throws, and renders again afterwards', () => {
    const param = () => {
      throw new Error('lost connection');
    };
    expect(() => render("select {{ param('name') }}", 'select', { scope: { param } })).toThrow('lost connection');
    expect(rendered("select {{ param('name') }}").binds).toEqual(["O'Hara"]);
  });

  it('renders any text without a problem of its own making', () => {
    const piece = fc.constantFrom(
      'select ',
      "'",
      '"',
      '{{',
      '}}',
      '{%',
      '%}',
      '{#',
      '#}',
      "ref('leads')",
      "param('name')",
      ' ',
      '\n',
      '(',
      ')',
      '--',
      '/*',
      ';',
      'x',
      '$',
      '|',
      ',',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const result = render(pieces.join(''));
        expect(result.compiled.text).toBeTypeOf('string');
        for (const problem of result.problems) {
          expect(problem.message).not.toMatch(/[\uE000-\uF8FF]/);
          expect(problem.line).toBeGreaterThan(0);
        }
      }),
      { numRuns: 300 },
    );
  });
});
