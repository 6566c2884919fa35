import { sql } from 'kysely';
import type { ColumnType, Dialect, Fragment } from '../sql/types.ts';
import type { CompiledTest } from './types.ts';

/** How a test looks at the rows of its model, as a part of one statement for all. The rows have the alias `tested`. */
export type Probe =
  /** A predicate over one row that fails, and that row in words. */
  | { readonly kind: 'row'; readonly fails: Fragment; readonly example: Fragment }
  /** A SELECT of one row per failure, in words in the column `example`. */
  | { readonly kind: 'select'; readonly failing: Fragment }
  /** Judged by the number of rows alone. */
  | { readonly kind: 'row_count' };

export interface ProbeContext {
  readonly dialect: Dialect;
  /** The model's key, for examples. */
  readonly key: readonly string[];
  /** The relation that holds the rows under test. */
  readonly tested: Fragment;
}

export function probeOf(compiled: CompiledTest, { dialect, key, tested }: ProbeContext): Probe {
  const { test } = compiled;
  const inWords = (columns: readonly string[]) => rowInWords(dialect, columns);
  switch (test.kind) {
    case 'not_null': {
      const fails = sql`(${sql.join(
        test.columns.map((name) => sql`${column(name)} is null`),
        sql` or `,
      )})`;
      return { kind: 'row', fails, example: inWords(key.filter((name) => !test.columns.includes(name))) };
    }
    case 'accepted_values': {
      const values = test.values.map((value) => dialect.bind(typeOf(value), value));
      const fails = sql`${column(test.column)} not in (${sql.join(values)})`;
      return { kind: 'row', fails, example: inWords(withColumn(key, test.column)) };
    }
    case 'between': {
      const below =
        test.min === undefined ? [] : [sql`${column(test.column)} < ${dialect.bind(typeOf(test.min), test.min)}`];
      const above =
        test.max === undefined ? [] : [sql`${column(test.column)} > ${dialect.bind(typeOf(test.max), test.max)}`];
      const fails = sql`(${sql.join([...below, ...above], sql` or `)})`;
      return { kind: 'row', fails, example: inWords(withColumn(key, test.column)) };
    }
    case 'unique': {
      const columns = sql.join(test.columns.map(column));
      const known = sql.join(
        test.columns.map((name) => sql`${column(name)} is not null`),
        sql` and `,
      );
      return {
        kind: 'select',
        failing: sql`    select ${inWords(test.columns)} as ${sql.id('example')}
    from ${tested} as ${sql.id('tested')}
    where ${known}
    group by ${columns}
    having count(*) > 1`,
      };
    }
    case 'relationship':
      return {
        kind: 'select',
        failing: sql`    select ${inWords(withColumn(key, test.column))} as ${sql.id('example')}
    from ${tested} as ${sql.id('tested')}
    where ${column(test.column)} is not null
      and not exists (select 1 from ${readsOf(compiled)} as ${sql.id('other')} where ${sql.id('other', test.field)} = ${column(test.column)})`,
      };
    case 'sql':
      if (compiled.notice !== undefined) return { kind: 'select', failing: compiled.notice.failing };
      if (compiled.weights !== undefined) return { kind: 'select', failing: compiled.weights.failing };
      return {
        kind: 'select',
        failing: sql`    select cast(null as ${dialect.type(text)}) as ${sql.id('example')}\n    from (\n${readsOf(compiled)}\n    ) as ${sql.id('returned')}`,
      };
    case 'row_count':
      return { kind: 'row_count' };
    default:
      return test satisfies never;
  }
}

function readsOf({ test, reads }: CompiledTest): Fragment {
  if (reads === undefined) throw new TypeError(`A ${test.kind} test reads nothing`);
  return reads;
}

const text: ColumnType = { kind: 'text' };

/** Qualified, since a subquery has columns of its own. */
function column(name: string): Fragment {
  return sql`${sql.id('tested', name)}`;
}

function withColumn(key: readonly string[], name: string): readonly string[] {
  return key.includes(name) ? key : [...key, name];
}

/** `lead_id 17, tier lukewarm`; null for no columns. */
function rowInWords(dialect: Dialect, columns: readonly string[]): Fragment {
  if (columns.length === 0) return sql`cast(null as ${dialect.type(text)})`;
  const parts = columns.flatMap((name, index) => [
    sql`${sql.lit(`${index === 0 ? '' : ', '}${name} `)}`,
    sql`cast(${column(name)} as ${dialect.type(text)})`,
  ]);
  return dialect.joinText(parts, '');
}

function typeOf(value: string | number | boolean): ColumnType {
  if (typeof value === 'string') return text;
  if (typeof value === 'boolean') return { kind: 'boolean' };
  return { kind: Number.isSafeInteger(value) ? 'integer' : 'double' };
}
