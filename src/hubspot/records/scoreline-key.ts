import type { NewProperty } from '../types.ts';

/**
 * The unique property by which companies are created: their `domain` is not unique, and search finds a new company only
 * after a while, so that a repeated creation would make a second one. Its values are normalised domains. A sync that
 * may create companies puts this property into its plan, with the group it uses.
 */
export const scorelineKeyProperty = {
  name: 'scoreline_key',
  label: 'Scoreline key',
  description:
    'Written by Scoreline when it creates a record, so that it never creates it twice. Please leave it as it is.',
  type: 'string',
  fieldType: 'text',
  hasUniqueValue: true,
} as const satisfies Omit<NewProperty, 'groupName'>;
