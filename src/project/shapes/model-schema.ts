import { z } from 'zod';
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
import type { ParamType } from '../types.ts';
import { columnTest, modelTest } from './model-test-schema.ts';
import { rule } from './rule-schema.ts';

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

const tierName = z
  .string({ error: 'expected the name of a tier' })
  // HubSpot separates the values of an enumeration by semicolons.
  .regex(/^[^\s;](?:[^;\n]{0,98}[^\s;])?$/, {
    error: 'expected the name of a tier: at most 100 characters, no semicolon, no space at its ends',
  });

const tier = z.strictObject({
  name: explained(tierName, 'Unique in the card; `disqualified` is reserved.', 'hot'),
  label: explained(text(), 'What HubSpot shows instead of the name.', 'Hot lead').optional(),
  at: explained(numberSetting, 'The lowest score of the tier; only the last tier may have none.', 75).optional(),
});

const roundError = 'expected a step from 0.000001 to 1000, such as 0.01, or none';

const scorecardModel = z.strictObject({
  kind: explained(z.literal('scorecard', { error: 'expected scorecard' }), 'Rules and points for one entity.'),
  ...base,
  entity: explained(name, 'What is scored: one of `entities` in config/scoreline.yml.', 'lead'),
  range: explained(
    z.tuple([numberSetting, numberSetting], { error: 'expected [lowest, highest]' }),
    'The lowest and the highest score.',
    [0, 100],
  ).optional(),
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
  tiers: explained(section(listOf('tiers', tier)), 'Names for ranges of the score, highest first.', [
    { name: 'hot', at: 75 },
    { name: 'cold' },
  ]),
  round: explained(
    z
      .union([z.literal('none'), z.number().min(0.000001, { error: roundError }).max(1000, { error: roundError })], {
        error: roundError,
      })
      .default(0.01),
    'The step that scores are rounded to, or none.',
    0.01,
    'none',
  ),
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
export const modelSchemas = { sql: sqlModel, scorecard: scorecardModel, audience: audienceModel };

/** A file of `models/`, of any kind. */
export const modelSchema = z.discriminatedUnion('kind', [sqlModel, scorecardModel, audienceModel]);

export type SqlModelShape = z.output<typeof sqlModel>;
export type ScorecardShape = z.output<typeof scorecardModel>;
export type AudienceShape = z.output<typeof audienceModel>;
export type ModelShape = SqlModelShape | ScorecardShape | AudienceShape;
