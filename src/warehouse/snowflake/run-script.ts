import type { RowStatement } from 'snowflake-sdk';
import type { CompiledSql } from '../../sql/types.ts';
import type { StatementOptions } from '../port.ts';
import { causeOf, useSchema } from './replace-relation.ts';
import type { Session } from './session.ts';

export interface ScriptContext {
  /** Where temporary tables go. */
  readonly schema: string | undefined;
  readonly options: StatementOptions | undefined;
}

/**
 * Runs statements in order. What stands between two statements that make, change or drop a table is one transaction; those
 * commit at once in Snowflake, whether the table is a temporary one or not.
 * @returns the rows each one touched
 */
export async function runScript(
  session: Session,
  statements: readonly CompiledSql[],
  { schema, options }: ScriptContext,
): Promise<readonly number[]> {
  const counts: number[] = [];
  const run = async (some: readonly CompiledSql[]) => {
    for (const statement of some) {
      const result = await (makesSchema.test(statement.text)
        ? makeSchemaUnlessThere(session, statement, options)
        : session.run(statement, options));
      counts.push(await touchedRows(result));
    }
  };
  if (schema !== undefined && statements.some(({ text }) => makesTemporaryTable.test(text))) {
    await useSchema(session, schema, options);
  }
  for (const part of partsOf(statements)) {
    const isTransaction = part.length > 1 && !part.some(isDefinition);
    await (isTransaction ? session.transaction(() => run(part)) : run(part));
  }
  return counts;
}

const makesSchema = /^create schema if not exists\b/;

/** Asks for the right to make schemas only where this one is not there yet: IF NOT EXISTS wants it all the same. */
async function makeSchemaUnlessThere(
  session: Session,
  create: CompiledSql,
  options: StatementOptions | undefined,
): Promise<RowStatement> {
  try {
    return await session.run(create, options);
  } catch (error) {
    if (causeOf(error)?.code !== '003001') throw error;
    const use = { ...create, text: create.text.replace(makesSchema, 'use schema') };
    return session.run(use, options).catch(() => {
      throw error;
    });
  }
}

const makesTemporaryTable = /^\s*create\s+temp/i;

function isDefinition({ text }: CompiledSql): boolean {
  return /^\s*(?:create|alter|drop|truncate)\b/i.test(text);
}

function partsOf(statements: readonly CompiledSql[]): readonly (readonly CompiledSql[])[] {
  const parts: CompiledSql[][] = [];
  for (const [index, statement] of statements.entries()) {
    const before = statements[index - 1];
    const last = parts.at(-1);
    if (last === undefined || before === undefined || isDefinition(before) !== isDefinition(statement)) {
      parts.push([statement]);
    } else last.push(statement);
  }
  return parts;
}

/** Its result is one row of counts; `number of multi-joined rows updated` counts some of them again. */
async function touchedRows(result: RowStatement): Promise<number> {
  const columns = (result.getColumns() ?? []).filter((column) =>
    /^number of rows (?:inserted|updated|deleted)$/i.test(column.getName()),
  );
  if (columns.length === 0) return 0;
  let count = 0;
  for await (const values of result.streamRows()) {
    for (const column of columns) count += Number(values[column.getIndex()]);
  }
  return count;
}
