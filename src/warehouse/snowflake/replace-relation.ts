import { sql } from 'kysely';
import type { ScorelineError } from '../../errors/scoreline-error.ts';
import { snowflakeDialect } from '../../sql/dialects/snowflake.ts';
import type { CompiledSql, Fragment, RelationName } from '../../sql/types.ts';
import type { StatementOptions } from '../port.ts';
import { isMissingSchema, SnowflakeDriverError, standsInTheWay } from './errors.ts';
import type { Session } from './session.ts';

/**
 * Runs CREATE OR REPLACE for a table or a view. Only where Snowflake says that the schema is missing is it made first, so
 * that a role without the right to make schemas can work in one that is there. What is of the other kind is dropped
 * first: readers miss it for the moment between the two.
 */
export async function replaceRelation(
  session: Session,
  relation: RelationName,
  create: CompiledSql,
  options: StatementOptions | undefined,
): Promise<void> {
  const run = () => session.run(create, options);
  try {
    await run();
  } catch (error) {
    const cause = causeOf(error);
    const kind = cause === null ? null : standsInTheWay(cause);
    if (cause !== null && isMissingSchema(cause, relation.schema)) await makeSchema(session, relation, options);
    else if (kind !== null) await session.run(dropOf(kind, relation), options);
    else throw error;
    await run();
  }
}

/** Makes a schema the one in which temporary tables are made. */
export async function useSchema(
  session: Session,
  schema: string,
  options: StatementOptions | undefined,
): Promise<void> {
  const use = compile(sql`use schema ${sql.id(schema)}`);
  try {
    await session.run(use, options);
  } catch (error) {
    // This statement does not say what it misses.
    if (causeOf(error)?.code !== '002043') throw error;
    await makeSchema(session, { schema }, options);
    await session.run(use, options);
  }
}

async function makeSchema(
  session: Session,
  { database, schema }: Pick<RelationName, 'database' | 'schema'>,
  options: StatementOptions | undefined,
): Promise<void> {
  const name = database === undefined ? sql.id(schema) : sql.id(database, schema);
  await session.run(compile(sql`create schema if not exists ${name}`), options);
}

function dropOf(kind: 'table' | 'view', relation: RelationName): CompiledSql {
  const name = snowflakeDialect.relation(relation);
  return compile(kind === 'view' ? sql`drop view if exists ${name}` : sql`drop table if exists ${name}`);
}

export function causeOf(error: unknown): SnowflakeDriverError | null {
  const cause = (error as ScorelineError).cause;
  return cause instanceof SnowflakeDriverError ? cause : null;
}

function compile(fragment: Fragment): CompiledSql {
  return snowflakeDialect.compile(fragment);
}
