import { ScorelineError } from '../../errors/scoreline-error.ts';
import type { BigQuerySettings } from '../../project/warehouse-types.ts';
import type { GrantRequest, Grants } from '../grant-types.ts';

/**
 * A right on a whole project is not to be had by SQL, so the one to run jobs is a line for the shell.
 * Source: https://cloud.google.com/bigquery/docs/access-control and …/docs/reference/standard-sql/data-control-language
 */
export function bigQueryGrants({ settings, role: wanted, schemas, tables }: GrantRequest<BigQuerySettings>): Grants {
  const { project, location, impersonate } = settings;
  const role = wanted ?? (impersonate === undefined ? null : `serviceAccount:${impersonate}`);
  if (role === null) {
    throw new ScorelineError('USAGE_INVALID', 'BigQuery gives rights to principals, and the target names none', {
      hint: 'Name it: --role serviceAccount:scoreline@acme.iam.gserviceaccount.com, or set `impersonate` in the target.',
    });
  }
  const to = `to ${literal(role)};`;
  const datasets = schemas.map((schema) => quoted(project, schema));
  // A name with a star stands for many tables, of which the later ones are not there yet.
  const isMany = (name: string) => name.includes('*');
  const placeOf = ({ database, schema }: (typeof tables)[number]) => quoted(database ?? project, schema);
  const whole = [...new Set(tables.filter(({ name }) => isMany(name)).map(placeOf))];
  const single = tables.filter((table) => !whole.includes(placeOf(table)));
  return {
    role,
    statements: [
      '-- In a shell, since jobs are a right on the project:',
      `-- gcloud projects add-iam-policy-binding ${project} --member='${role}' --role=roles/bigquery.jobUser`,
      ...datasets.flatMap((dataset) => [
        `create schema if not exists ${dataset} options (location = ${literal(location)});`,
        `grant \`roles/bigquery.dataEditor\` on schema ${dataset} ${to}`,
      ]),
      ...whole.map((dataset) => `grant \`roles/bigquery.dataViewer\` on schema ${dataset} ${to}`),
      ...single.map(
        ({ database, schema, name }) =>
          `grant \`roles/bigquery.dataViewer\` on table ${quoted(database ?? project, schema, name)} ${to}`,
      ),
      '-- Only for `build --as-of`, `diff` and `backfill`, which make datasets of their own: roles/bigquery.user on the project.',
    ],
  };
}

function quoted(...parts: readonly string[]): string {
  return `\`${parts.join('.').replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;
}

function literal(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
