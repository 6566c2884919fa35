import { sql } from 'kysely';
import type { Problem } from '../../../src/errors/scoreline-error.ts';
import { duckDbDialect } from '../../../src/sql/dialects/duckdb.ts';
import { renderSql } from '../../../src/sql/render-sql.ts';
import type {
  CompiledSql,
  Dialect,
  Rendered,
  ResolvedParam,
  TemplateScope,
  TemplateText,
} from '../../../src/sql/types.ts';

export const asOf = '2026-03-31T12:00:00.000Z';

const params: Readonly<Record<string, ResolvedParam>> = {
  as_of: { type: 'timestamp', value: asOf },
  min_seats: { type: 'integer', value: 5 },
  share: { type: 'number', value: 0.5 },
  name: { type: 'string', value: "O'Hara" },
  strict: { type: 'boolean', value: true },
  since: { type: 'date', value: '2026-01-31' },
  half_life: { type: 'duration', value: '14d' },
  plans: { type: 'string_list', value: ['pro', 'team'] },
  none: { type: 'string_list', value: [] },
};

export interface RenderResult extends Rendered {
  readonly problems: readonly Problem[];
  readonly compiled: CompiledSql;
}

export interface RenderOptions {
  readonly at?: TemplateText['at'];
  readonly params?: Readonly<Record<string, ResolvedParam>>;
  readonly scope?: Partial<TemplateScope>;
  /** DuckDB's by default. */
  readonly dialect?: Dialect;
}

/** Renders as a project with two models, one source and a parameter of each type would. */
export function render(text: string, kind: TemplateText['kind'] = 'select', options: RenderOptions = {}): RenderResult {
  const problems: Problem[] = [];
  const values = { ...params, ...options.params };
  const models = ['leads', 'logins'];
  const { dialect = duckDbDialect } = options;
  const rendered = renderSql(
    { text, file: 'sql/leads.sql', at: options.at ?? { line: 1, column: 1 }, kind },
    {
      dialect,
      scope: {
        ref: (model) => (models.includes(model) ? sql.id('scoreline', model) : null),
        source: (source, table) => (source === 'app' && table === 'users' ? sql.id('raw', 'users') : null),
        param: (name) => (Object.hasOwn(values, name) ? values[name] : null) ?? null,
        known: { models, sources: ['app.users'], params: Object.keys(values) },
        ...options.scope,
      },
      report: (problem) => problems.push(problem),
    },
  );
  return { ...rendered, problems, compiled: dialect.compile(rendered.fragment) };
}

/** `line:column value: message` of each problem. */
export function places(result: RenderResult): readonly string[] {
  return result.problems.map(
    ({ line, column, value, message }) => `${line}:${column ?? '-'} ${value ?? ''}: ${message}`,
  );
}
