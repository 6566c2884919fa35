import { sql } from 'kysely';
import { didYouMean } from '../../errors/did-you-mean.ts';
import type { Problem } from '../../errors/scoreline-error.ts';
import { isDate, parseInstant } from '../../project/instant.ts';
import type { TestInput, TestRow, TestValue, UnitTest } from '../../project/model-types.ts';
import { oneRow } from '../../sql/one-row.ts';
import type { ColumnType, Dialect, Fragment } from '../../sql/types.ts';
import type { Column } from '../../warehouse/port.ts';
import { inputName, testProblem } from './test-inputs.ts';

export interface GivenRowsRequest {
  readonly test: UnitTest;
  readonly relation: TestInput['relation'];
  readonly rows: readonly TestRow[];
  /** Of the relation that the rows stand for; null where nobody knows it. */
  readonly columns: readonly Column[] | null;
  readonly dialect: Dialect;
  readonly report: (problem: Problem) => void;
}

/**
 * A SELECT of the rows that a test gives. It has all columns of the relation that it stands for; what a row does not name
 * is null. Types are the relation's, or what the values look like where it is not known.
 * @returns null for rows with problems
 */
export function givenRows(request: GivenRowsRequest): Fragment | null {
  const { test, relation, rows, columns, dialect, report } = request;
  const types = columns === null ? inferredTypes(rows, dialect) : realTypes(columns);
  if (types.size === 0) {
    const name = inputName(relation);
    const message = `the columns of \`${name}\` are not known: the warehouse does not know it, and the test gives no row of it`;
    report(
      testProblem(test, [], { value: name, message, hint: 'Give one row with the columns that the model reads.' }),
    );
    return null;
  }
  const known = new Map([...types.keys()].map((name) => [name.toLowerCase(), name]));
  let isSound = true;
  const selects = rows.map(({ values, path }) => {
    const byColumn = new Map<string, TestValue>();
    for (const [written, value] of Object.entries(values)) {
      const name = known.get(written.toLowerCase());
      if (name !== undefined) byColumn.set(name, value);
      else {
        isSound = false;
        const message = `\`${inputName(relation)}\` has no column \`${written}\``;
        const hint = didYouMean(written, [...types.keys()]);
        report(testProblem(test, [...path, written], { value: written, message, hint }));
      }
    }
    return selectRow(dialect, types, byColumn);
  });
  if (!isSound) return null;
  if (selects.length > 0) return sql.join(selects, sql`\nunion all\n`);
  return sql`${selectRow(dialect, types, new Map())} from ${oneRow} where 1 = 0`;
}

type Types = ReadonlyMap<string, Fragment>;

function selectRow(dialect: Dialect, types: Types, values: ReadonlyMap<string, TestValue>): Fragment {
  const cells = [...types].map(([name, type]) => {
    const value = values.get(name) ?? null;
    const bound = value === null ? sql`null` : dialect.bind(bindType(value), value);
    return sql`cast(${bound} as ${type}) as ${sql.id(name)}`;
  });
  return sql`select ${sql.join(cells)}`;
}

function realTypes(columns: readonly Column[]): Types {
  return new Map(columns.map(({ name, nativeType }) => [name, sql.raw(nativeType)]));
}

function inferredTypes(rows: readonly TestRow[], dialect: Dialect): Types {
  const values = new Map<string, Exclude<TestValue, null>[]>();
  for (const row of rows) {
    for (const [name, value] of Object.entries(row.values)) {
      const met = values.get(name) ?? [];
      values.set(name, met);
      if (value !== null) met.push(value);
    }
  }
  return new Map([...values].map(([name, met]) => [name, dialect.type(commonType(met))]));
}

/** The narrowest type that holds them all; text for none. */
function commonType(values: readonly Exclude<TestValue, null>[]): ColumnType {
  const all = (test: (value: TestValue) => boolean) => values.length > 0 && values.every(test);
  if (all((value) => typeof value === 'boolean')) return { kind: 'boolean' };
  if (all(Number.isSafeInteger)) return { kind: 'integer' };
  if (all((value) => typeof value === 'number')) return { kind: 'double' };
  if (all((value) => typeof value === 'string' && isDate(value))) return { kind: 'date' };
  if (all((value) => typeof value === 'string' && parseInstant(value, 'UTC') !== null)) return { kind: 'timestamp' };
  return { kind: 'text' };
}

function bindType(value: Exclude<TestValue, null>): ColumnType {
  if (typeof value === 'string') return { kind: 'text' };
  if (typeof value === 'boolean') return { kind: 'boolean' };
  return { kind: Number.isSafeInteger(value) ? 'integer' : 'double' };
}
