import { z } from 'zod';
import type { ParamType } from '../setting-types.ts';
import {
  columnName,
  explained,
  listOf,
  mapOf,
  name,
  numberSetting,
  relation,
  section,
  sql,
  tags,
  text,
} from '../settings.ts';
import { aliases } from './aliases-schema.ts';
import { forEach } from './for-each-schema.ts';
import { incremental } from './incremental-schema.ts';
import { columnTest, modelTest } from './model-test-schema.ts';
import { reasons } from './reasons-schema.ts';
import { rule } from './rule-schema.ts';
import { combine, scored } from './scored-schema.ts';
import { segment } from './segment-schema.ts';
import { unitTestFile, unitTests } from './unit-test-schema.ts';

const paramTypes = ['string', 'integer', 'number', 'boolean', 'date', 'timestamp', 'duration', 'string_list'] as const;
paramTypes satisfies readonly ParamType[];

const param = z.strictObject({
  type: explained(z.enum(paramTypes, { error: `expected one of ${paramTypes.join(', ')}` }), 'What values it takes.'),
  default: explained(
    z.union([z.string(), z.number(), z.boolean(), z.array(z.string())], {
      error: 'expected a plain value: text, a number, true or false, or a list of texts',
    }),
    'Used where neither --param nor the target says otherwise.',
    5,
  ).optional(),
  description: explained(text(), 'What it is for.').optional(),
});

const column = z.strictObject({
  name: explained(columnName, 'As the SELECT calls it.', 'email'),
  description: explained(text(), 'What it means.').optional(),
  pii: explained(
    z.boolean({ error: 'expected true or false' }),
    'true: personal data, whose values no plan shows.',
  ).optional(),
  tests: explained(section(listOf('tests', columnTest)), 'What must hold for its values before anyone sees them.', [
    'unique',
    'not_null',
  ]),
});

const base = {
  for_each: explained(
    forEach.optional(),
    "Makes a model of each value, named after the file and the value; `param('product')` is the value.",
    { product: ['analytics', 'replay'] },
  ),
  description: explained(
    text(),
    'What the model says, for people; it becomes part of descriptions in HubSpot.',
  ).optional(),
  tags: explained(tags, 'Words to select models by.', ['growth']),
  params: explained(
    section(mapOf('parameters: { type, default, description }', name, param)),
    'Values that SQL and rules take by `param()`.',
    { min_seats: { type: 'integer', default: 5 } },
  ),
  columns: explained(section(listOf('columns', column)), 'Descriptions and tests of columns.'),
  tests: explained(section(listOf('tests', modelTest)), 'Tests of the whole model.', [{ row_count: { min: 1 } }]),
  unit_tests: explained(unitTests, 'Tests of the model: given rows of what it reads, expected rows.'),
};

const sqlFile = text('a SQL file of the project');

const sqlModel = z.strictObject({
  kind: explained(z.literal('sql', { error: 'expected sql' }), 'One SELECT; the default kind.').optional(),
  ...base,
  sql: explained(sqlFile, 'The file with its SELECT.', 'sql/leads.sql'),
  key: explained(
    section(
      z.union([columnName, listOf('columns', columnName).min(1, { error: 'expected at least one column' })], {
        error: 'expected a column or a list of columns',
      }),
    ),
    'The columns that identify a row; needed where the model is synced or scored.',
    ['lead_id'],
  ),
  materialize: explained(
    z.enum(['table', 'view', 'inline'], { error: 'expected table, view or inline' }).default('table'),
    'table; view (which may not use param); or inline: a part of the statement of whoever reads it.',
  ),
});

const group = z.strictObject({
  min: explained(numberSetting, "The lowest sum of its rules' points that counts.", -20).optional(),
  max: explained(numberSetting, "The highest sum of its rules' points that counts.", 60).optional(),
});

const scorecardModel = z.strictObject({
  kind: explained(z.literal('scorecard', { error: 'expected scorecard' }), 'Rules and points for one entity.'),
  ...base,
  ...scored,
  aliases: explained(aliases, "Other ids that events carry instead of the key; replaces the entity's own.").optional(),
  base: explained(numberSetting, 'Points that everyone starts with.', 0).default(0),
  groups: explained(
    section(mapOf('groups: { min, max }', name, section(group))),
    'Limits on the sum of several rules.',
    { usage: { max: 60 } },
  ),
  rules: explained(
    listOf('rules', rule).min(1, { error: 'expected at least one rule' }),
    'What gives and takes points.',
  ),
  incremental: explained(
    incremental.optional(),
    'Whether a build reads only days with new events and keeps sums of all others; not for every kind of rule.',
    true,
  ),
  reasons: explained(section(reasons), 'How the reasons behind a score read.', { max_length: 300 }),
  segments: explained(
    section(listOf('segments', segment)),
    'Parts of the rows that are scored in another way: the first one that matches.',
    [{ name: 'enterprise', when: "plan = 'enterprise'", points: { logged_in: 1 } }],
  ),
});

const combineModel = z.strictObject({
  kind: explained(z.literal('combine', { error: 'expected combine' }), 'One score from the scores of other models.'),
  ...base,
  ...scored,
  ...combine,
});

const audienceModel = z.strictObject({
  kind: explained(z.literal('audience', { error: 'expected audience' }), "A set of entity keys, for HubSpot's lists."),
  ...base,
  entity: explained(name, 'Whose keys these are: one of `entities` in config/scoreline.yml.', 'lead'),
  from: explained(relation, 'A scored model of the entity.', 'lead_score').optional(),
  where: explained(sql, 'Which of its rows are members; with `from`.', "tier = 'hot'").optional(),
  sql: explained(
    sqlFile,
    "Instead of `from`: a file with a SELECT of the entity's key.",
    'sql/hot_leads.sql',
  ).optional(),
});

/** By kind; a file without `kind` is `sql`. */
export const modelSchemas = {
  sql: sqlModel,
  scorecard: scorecardModel,
  combine: combineModel,
  audience: audienceModel,
};

/** A file of `models/`: a model of any kind, or unit tests alone. */
export const modelSchema = z.union([
  z.discriminatedUnion('kind', [sqlModel, scorecardModel, combineModel, audienceModel]),
  unitTestFile,
]);

export type SqlModelShape = z.output<typeof sqlModel>;
export type ScorecardShape = z.output<typeof scorecardModel>;
export type CombineShape = z.output<typeof combineModel>;
export type AudienceShape = z.output<typeof audienceModel>;
export type ModelShape = SqlModelShape | ScorecardShape | CombineShape | AudienceShape;
