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
  column: explained(columnName, "The model's column.", 'score'),
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
});

const list = z.strictObject({
  name: explained(text('the name of a list'), "The list's name in HubSpot.", 'Hot leads'),
  audience: explained(name, 'A model of kind audience: who is on the list.', 'hot_leads'),
});

/** What is matched now, by object. */
export const matchProperties = { contacts: 'email', companies: 'domain' } as const;

/** A file of `syncs/`. */
export const syncSchema = z.strictObject({
  object: explained(
    z.enum(['contacts', 'companies'], { error: 'expected contacts or companies' }),
    'What is written in HubSpot.',
  ),
  description: explained(text(), 'What the sync is for.').optional(),
  tags: explained(tags, 'Words to select syncs by.', ['growth']),
  model: explained(text('the name of a model'), 'Whose rows are sent.', 'lead_score'),
  match: explained(
    mapOf('one HubSpot property and one column', propertyName, columnName),
    'How a row finds its record: the HubSpot property and the column with its value.',
    { email: 'email' },
  ),
  mode: explained(
    z.enum(['update', 'upsert'], { error: 'expected update or upsert' }).default('update'),
    'update never creates a record; upsert creates what is missing.',
  ),
  nulls: explained(nulls.default('skip'), 'What a null does: nothing, or empty the property.'),
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
});

export type SyncShape = z.output<typeof syncSchema>;
