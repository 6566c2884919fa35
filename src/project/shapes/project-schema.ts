import { z } from 'zod';
import { columnName, explained, mapOf, name, relation, section, share, sql, text, wholeNumber } from '../settings.ts';
import { aliases } from './aliases-schema.ts';
import { age, count } from './amounts.ts';
import { reasons } from './reasons-schema.ts';
import { warehouseSchema } from './warehouse-schema.ts';

const anyKey = text('a name');

const paramValue = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())], {
  error: 'expected a plain value: text, a number, true or false, or a list of texts',
});

/** Values by name; a parameter's type is what the models that use it declare, else what the value looks like. */
const paramValues = section(mapOf('parameters and their values', name, paramValue));

const bridge = z.strictObject({
  via: explained(relation, 'One row per pair, with the keys of both entities.', "{{ ref('memberships') }}"),
  weight: explained(
    sql,
    "SQL over the pair's row, 0 or more: how much of the one belongs to the other; 1 by default.",
    'share',
  ).optional(),
});

const belonging = z.union([columnName, bridge], {
  error: 'expected the name of a column, or { via: <relation with both keys>, weight: <SQL over its row> }',
});

const entity = z.strictObject({
  relation: explained(relation, 'Where the entity lives: one row per key.', "{{ ref('leads') }}"),
  key: explained(columnName, 'The column that identifies a row.', 'lead_id'),
  belongs_to: explained(
    section(mapOf('entities and columns', name, belonging)),
    "The parent entity, and this entity's column that holds the parent's key; or a relation with the keys of both, where one may have several parents.",
    { account: 'account_id' },
    { account: { via: "{{ ref('memberships') }}", weight: 'share' } },
  ),
  aliases: explained(
    aliases,
    'Other ids that events carry instead of the key, such as those of visitors known later.',
    {
      relation: "{{ ref('identified_visitors') }}",
      id: 'visitor_id',
      at: 'identified_at',
    },
  ).optional(),
});

/** Of a source for all of its tables, or of a table. */
const freshness = {
  loaded_at: explained(
    columnName.nullable(),
    'The column that says when a row was loaded; null in a table: it has none, whatever the source says.',
    'loaded_at',
  ).optional(),
  warn_after: explained(age, 'How old the newest row may be before a run warns.', '24h').optional(),
  error_after: explained(age, 'How old the newest row may be before a run stops.', '72h').optional(),
};

const sourceTable = z.strictObject({
  identifier: explained(text(), 'The name in the warehouse, where it differs.', 'events_*').optional(),
  ...freshness,
});

const source = z.strictObject({
  database: explained(text(), 'Another database (Snowflake) or project (BigQuery).', 'analytics-prod').optional(),
  schema: explained(text(), 'The schema of its tables; not needed where a target reads files.', 'raw_app').optional(),
  ...freshness,
  tables: explained(
    mapOf('tables', anyKey, section(sourceTable)),
    'Its tables, by the name that `source()` calls them.',
    { logins: {}, users: {} },
  ),
});

const hubspot = z.strictObject({
  sandbox: explained(
    z.boolean({ error: 'expected true or false' }),
    'true: a local HubSpot inside the job, whose records stay in a file: beside that of DuckDB, else in `.scoreline/`.',
  ).optional(),
  token: explained(
    text('an access token'),
    'The access token of a private app or service key. Keep it in the environment.',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how the file spells it
    '${HUBSPOT_ACCESS_TOKEN}',
  )
    .meta({ writeOnly: true })
    .optional(),
  portal_id: explained(count, 'Refuses a token of any other account.', 123456).optional(),
  burst_per_10s: explained(count, 'Requests in 10 seconds; learnt from HubSpot by default.', 190).optional(),
  property_prefix: explained(
    z
      .string()
      .regex(/^([a-z][a-z0-9_]{0,29})?$/, {
        error: 'expected at most 30 lower-case letters, digits and _, beginning with a letter',
      })
      .default(''),
    'Stands in front of the names of all properties that syncs write in this target.',
    'test_',
  ),
  members_per_call: explained(
    wholeNumber(1, 100_000, 'expected a whole number from 1 to 100000').default(10_000),
    'Members of a list that are added or removed in one request.',
    10_000,
  ),
  daily_reserve: explained(
    share.default(0.2),
    "The share of the account's daily requests that is left to other integrations.",
    '20%',
  ),
  api_version: explained(
    z.enum(['v3', '2026-09'], { error: 'expected v3 or 2026-09' }).default('v3'),
    "Which of HubSpot's paths are called.",
  ),
});

const sourceOverride = z.strictObject({
  database: explained(text(), 'Replaces the database of the source.').optional(),
  schema: explained(text(), 'Replaces the schema of the source.', 'prod_app').optional(),
  files: explained(
    section(mapOf('tables and files', anyKey, text('a path or a glob'))),
    'Files that DuckDB reads as tables: CSV, Parquet, JSON; paths are relative to the project, globs are welcome.',
    { users: 'data/users.csv', logins: 'data/logins/*.parquet' },
  ),
});

const target = z.strictObject({
  warehouse: explained(warehouseSchema, 'Where the data is and where models are built.'),
  hubspot: explained(hubspot, 'Where scores are sent.'),
  schema: explained(
    z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]{0,49}$/, {
        error: 'expected a schema name of at most 50 letters, digits and _',
      })
      .default('scoreline'),
    'Where models are built; state lives in `<schema>_state`.',
    'scoreline',
  ),
  sources: explained(section(mapOf('sources', anyKey, sourceOverride)), 'What differs from `sources` in this target.'),
  params: explained(paramValues, 'Parameters for this target; they win over models and project.'),
});

const keptError = 'expected a number of days or weeks, such as 90d or 13w';
const kept = (ofWhat: string, preset: string) =>
  explained(
    z
      .string({ error: keptError })
      .regex(/^[1-9]\d{0,4}[dw]$/, { error: keptError })
      .default(preset),
    ofWhat,
    preset,
  );

const retention = z.strictObject({
  ledger: kept('Every attempted write, with the values before: what a rollback restores.', '90d'),
  plans: kept('Finished plans and their rows; the last one of each sync always stays.', '30d'),
  rejections: kept('Rejected rows that no run has tried since.', '90d'),
  runs: kept('Runs and how they ended.', '365d'),
});

/** `config/scoreline.yml`, with the environment's variables put in. */
export const projectSchema = z.strictObject({
  version: explained(z.literal(1, { error: 'expected 1' }), 'The version of this file format.'),
  project: explained(text('a name'), "The project's name.", 'acme-growth'),
  timezone: explained(
    text('a time zone').default('UTC'),
    'Decides where a day ends; dates and times without a zone are read in it.',
    'UTC',
    'Europe/Berlin',
  ),
  default_target: explained(
    anyKey,
    'The target used without --target; needed where there are several.',
    'demo',
  ).optional(),
  entities: explained(section(mapOf('entities', name, entity)), 'What can have a score: people, accounts …'),
  sources: explained(section(mapOf('sources', anyKey, source)), 'The tables that others load and models read.'),
  params: explained(paramValues, 'Parameters for all models; a model may declare and override them.', {
    half_life: '14d',
  }),
  reasons: explained(section(reasons), 'How the reasons of all cards read; a card may say otherwise.', {
    templates: 'reasons/german.yml',
  }),
  retention: explained(section(retention), 'How long the state keeps what grows; pruned at the end of a run.', {
    ledger: '90d',
    plans: '30d',
  }),
  targets: explained(
    mapOf('targets', anyKey, target),
    'Pairs of a warehouse and a HubSpot account, such as demo and prod.',
  ),
});

export type ProjectShape = z.output<typeof projectSchema>;
export type TargetShape = ProjectShape['targets'][string];
