import { sql } from 'kysely';
import { oneRow } from '../one-row.ts';
import type { Bind, ColumnType, Dialect, Fragment } from '../types.ts';

/** How a dialect spells types; of a decimal it depends on the size. */
export interface TypeNames extends Readonly<Record<Exclude<ColumnType['kind'], 'decimal'>, string>> {
  decimal(type: Extract<ColumnType, { kind: 'decimal' }>): string;
}

/** What of a dialect follows from the names of its types alone: binds say what they are by a cast. */
export function typedValues(names: TypeNames): Pick<Dialect, 'type' | 'bind' | 'inList'> {
  const type = (of: ColumnType): Fragment => sql.raw(of.kind === 'decimal' ? names.decimal(of) : names[of.kind]);
  const bind = (of: ColumnType, value: Bind['value']): Fragment => {
    const typed: Bind = { type: of, value };
    return sql`cast(${sql.val(typed)} as ${type(of)})`;
  };
  const text: ColumnType = { kind: 'text' };
  const inList = (values: readonly string[]): Fragment =>
    values.length === 0
      ? sql`(select cast(null as ${type(text)}) from ${oneRow} where false)`
      : sql`(${sql.join(values.map((value) => bind(text, value)))})`;
  return { type, bind, inList };
}
