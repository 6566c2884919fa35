import { z } from 'zod';
import { listOf, mapOf, name, text } from '../settings.ts';

const valueError = 'expected text or a number';

/** Parameter → its values, each of which makes a model. */
export const forEach = mapOf(
  'parameters and their values',
  name,
  listOf('values', z.union([text('text'), z.number({ error: valueError })], { error: valueError })).min(1, {
    error: 'expected at least one value',
  }),
);
