import { sql } from 'kysely';
import type { Fragment } from '../sql/types.ts';
import { name } from './literals.ts';

/*
 * Scorecards are laid out for people: one column per line, every step with a name and its grain. Kysely's builder writes a
 * statement on one line, so only its templates are used here.
 */

export interface SelectText {
  readonly columns: readonly Fragment[];
  readonly from: Fragment;
  readonly joins?: readonly Fragment[];
  /** All of them must hold. */
  readonly where?: readonly Fragment[];
  readonly groupBy?: readonly Fragment[];
}

/** One step of a statement: a named SELECT. */
export interface Step {
  readonly name: string;
  /** What a row is, and why the step is there; one line. */
  readonly comment: string;
  readonly select: SelectText;
}

/** The step that comes last and has what the ones before it made; there is at least one. */
export function lastName(steps: readonly Step[]): string {
  const last = steps.at(-1);
  if (last === undefined) throw new RangeError('There is no step to read from');
  return last.name;
}

/** A statement of steps: comment, WITH, and the SELECT that reads them. */
export function statement(comment: string, steps: readonly Step[], select: SelectText): Fragment {
  const named = steps.map(
    (step) => sql`-- ${oneLine(step.comment)}\n${name(step.name)} as (\n${selectText(step.select, '  ')}\n)`,
  );
  return sql`-- ${oneLine(comment)}\nwith\n${sql.join(named, sql.raw(',\n'))}\n${selectText(select, '')}`;
}

export function selectText(select: SelectText, indent: string): Fragment {
  const { columns, from, joins = [], where = [], groupBy = [] } = select;
  const line = sql.raw(`\n${indent}`);
  const nested = sql.raw(`\n${indent}  `);
  const parts: Fragment[] = [
    sql`${sql.raw(indent)}select${nested}${sql.join(columns, sql`,${nested}`)}`,
    sql`from ${from}`,
    ...joins,
  ];
  if (where.length > 0) parts.push(sql`where ${sql.join(where, sql`${nested}and `)}`);
  if (groupBy.length > 0) parts.push(sql`group by ${sql.join(groupBy)}`);
  return sql.join(parts, line);
}

export function column(expression: Fragment, as: string): Fragment {
  return sql`${expression} as ${name(as)}`;
}

/** Long expressions, such as sums over every rule, get a line for each part. */
export function linesOf(parts: readonly Fragment[], separator: string): Fragment {
  return sql.join(parts, sql.raw(`\n      ${separator} `));
}

/** The frame of a running sum; the short form is not standard SQL. */
export const upToHere = sql.raw('rows between unbounded preceding and current row');

/** All of the conditions; null where there is none. */
export function allOf(conditions: readonly Fragment[]): Fragment | null {
  return conditions.length === 0 ? null : sql.join(conditions, sql.raw(' and '));
}

/** `value` where the condition holds, else null. */
export function onlyWhen(condition: Fragment | null, value: Fragment): Fragment {
  return condition === null ? value : sql`case when ${condition} then ${value} end`;
}

function oneLine(text: string): Fragment {
  return sql.raw(text.replace(/\s+/g, ' '));
}
