/**
 * Snowflake folds names without quotes to upper case, and analysts write names without quotes: their tables are `LEADS`
 * and their columns `LEAD_ID`. A project's files have them in lower case, and so does the engine. So a name in lower case
 * here is that name in upper case there, both ways, and `ref('leads')`, a model's column and an analyst's unquoted SQL
 * mean the same; PostgreSQL folds to lower case with the same effect. A name that could not be written without quotes,
 * or that mixes cases, is taken as it is. Out of reach are names that were made in quotes in lower case alone
 * (`"lead_id"`): a model has to rename them.
 */
const foldable = /^(?:[a-z_][a-z0-9_$]*|[A-Z_][A-Z0-9_$]*)$/;

/** The name in Snowflake of one in a project's files. */
export function snowflakeName(name: string): string {
  return foldable.test(name) ? name.toUpperCase() : name;
}

/** The name in a project's files of one in Snowflake. */
export function nameFromSnowflake(name: string): string {
  return foldable.test(name) ? name.toLowerCase() : name;
}
