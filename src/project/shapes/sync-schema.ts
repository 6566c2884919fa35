import { z } from 'zod';
import {
  columnName,
  explained,
  listOf,
  mapOf,
  name,
  positiveNumber,
  propertyName,
  section,
  tags,
  text,
  wholeNumber,
} from '../settings.ts';
import { canarySchema, guardsSchema } from './guards-schema.ts';
import { fieldTypes, type propertyTypes } from './property-types.ts';

const nulls = z.enum(['skip', 'clear'], { error: 'expected skip or clear' });

const fields = [...new Set(Object.values(fieldTypes).flat())];
const types = ['string', 'number', 'date', 'datetime', 'boolean', 'enumeration'] as const;
types satisfies readonly (keyof typeof propertyTypes)[];

const option = z.union(
  [
    text('an option'),
    z.strictObject({
      value: explained(text('the stored value'), 'What is stored.', 'hot'),
      label: explained(text('the label'), 'What people see.', 'Hot lead'),
    }),
  ],
  { error: 'expected text or { value, label }' },
);

const property = z.strictObject({
  column: explained(columnName, "The model's column; `model.column` where there are several models.", 'score'),
  type: explained(z.enum(types, { error: `expected one of ${types.join(', ')}` }), "The property's type in HubSpot."),
  field: explained(
    z.enum(fields, { error: `expected one of ${fields.join(', ')}` }),
    'How HubSpot shows it; a default by type.',
    'textarea',
  ).optional(),
  label: explained(text(), 'What people see; made from the name by default.', 'Lead score').optional(),
  description: explained(text(), 'Stands in front of what Scoreline says of the property in HubSpot.').optional(),
  options: explained(
    listOf('options', option).min(1, { error: 'expected at least one option' }),
    "Of an enumeration; by default the model's tiers.",
    ['hot', 'warm'],
  ).optional(),
  decimals: explained(
    wholeNumber(0, 10, 'expected a whole number from 0 to 10'),
    'Rounds before comparing and sending.',
    0,
  ).optional(),
  min_change: explained(
    positiveNumber('expected a number above 0'),
    'A smaller difference counts as none, unless the tier moved.',
    2,
  ).optional(),
  with_changes_only: explained(
    z.boolean({ error: 'expected true or false' }),
    'Sent only together with another change; the default for reasons, as_of and model_version.',
  ).optional(),
  nulls: explained(nulls, "What a null does: nothing, or empty the property; the sync's by default.").optional(),
  adopt: explained(
    z.boolean({ error: 'expected true or false' }).default(false),
    'true overwrites values that Scoreline did not write; otherwise those are left alone and counted.',
  ),
  write: explained(
    z.enum(['always', 'if_empty'], { error: 'expected always or if_empty' }).default('always'),
    'if_empty writes only where HubSpot has no value, and never changes it afterwards.',
  ),
});

const list = z.strictObject({
  name: explained(text('the name of a list'), "The list's name in HubSpot.", 'Hot leads'),
  audience: explained(name, 'A model of kind audience: who is on the list.', 'hot_leads'),
});

/** One spelling for each object, so that two syncs of it know of each other. */
const objectType = z
  .string({ error: 'expected the type of an object' })
  .regex(/^(?!0-[123]$)[A-Za-z0-9][A-Za-z0-9_-]*$/, {
    error: "expected contacts, companies, deals or a custom object's type",
  });

/** A file of `syncs/`. */
export const syncSchema = z.strictObject({
  object: explained(
    objectType,
    "What is written in HubSpot: contacts, companies, deals, or a custom object's type (its name, or its id such as 2-123456).",
    'contacts',
  ),
  description: explained(text(), 'What the sync is for.').optional(),
  tags: explained(tags, 'Words to select syncs by.', ['growth']),
  model: explained(
    z.union(
      [
        text('the name of a model'),
        listOf('models', text('the name of a model')).min(2, {
          error: 'expected at least two models (a single one is written without a list)',
        }),
      ],
      { error: 'expected the name of a model, or a list of scored models of one entity' },
    ),
    "Whose rows are sent: a model, or several scored models of one entity. Columns of several are written `model.column`; those of the entity's relation keep their names.",
    'lead_score',
    ['lead_fit', 'lead_engagement'],
  ),
  match: explained(
    mapOf('one HubSpot property and one column', propertyName, columnName),
    'How a row finds its record: the HubSpot property and the column with its value.',
    { email: 'email' },
  ),
  mode: explained(
    z.enum(['update', 'upsert', 'mirror'], { error: 'expected update, upsert or mirror' }).default('update'),
    'update never creates a record; upsert creates what is missing; mirror is upsert with `removed: clear`.',
  ),
  removed: explained(
    z.enum(['keep', 'clear'], { error: 'expected keep or clear' }),
    'What happens to the properties of a row that left the model; keep by default.',
    'clear',
  ).optional(),
  exclude: explained(
    z.strictObject({
      when: explained(text('SQL over the row'), 'SQL over the columns of the model.', 'not consent'),
      properties: explained(
        z.enum(['keep', 'clear'], { error: 'expected keep or clear' }).default('keep'),
        'What happens to properties that were written before.',
      ),
    }),
    'Rows that are never written, and taken off lists.',
    { when: 'not consent', properties: 'keep' },
  ).optional(),
  priority: explained(
    text('SQL over the row'),
    'SQL over the columns of the model: the rows for which it is true go first.',
    "tier = 'hot'",
  ).optional(),
  nulls: explained(nulls.default('skip'), 'What a null does: nothing, or empty the property.'),
  announce: explained(
    z.enum(['behaviour', 'all'], { error: 'expected behaviour or all' }).default('behaviour'),
    'Which changes of tier move `crossed_at`: those that events, attributes or a person brought, or all (time and new model versions too).',
  ),
  recreate: explained(
    z.boolean({ error: 'expected true or false' }).default(false),
    'true creates a record again that somebody deleted in HubSpot; otherwise it stays away.',
  ),
  properties: explained(section(mapOf('properties', propertyName, property)), 'HubSpot properties by name.', {
    lead_score: { column: 'score', type: 'number' },
  }),
  property_group: explained(
    propertyName.default('scoreline'),
    'The group of the properties that are created.',
    'scoreline',
  ),
  lists: explained(section(mapOf('lists', name, list)), "HubSpot's lists that are kept current.", {
    hot_leads: { name: 'Hot leads', audience: 'hot_leads' },
  }),
  guards: explained(section(guardsSchema), 'Limits that stop a plan before anything is written.', {
    max_changed: '50%',
    max_created: { share: '20%', rows: 500 },
  }),
  canary: explained(
    canarySchema,
    'Rows that are written first and read back; if too many fail, the run stops there.',
    200,
  ).optional(),
});

export type SyncShape = z.output<typeof syncSchema>;
