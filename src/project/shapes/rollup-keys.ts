import { z } from 'zod';
import { columnName, explained, sql } from '../settings.ts';

const named = ['sum', 'max', 'avg', 'count', 'count_where', 'noisy_or'] as const;
const aggError = `expected ${named.join(', ')}, top_3_avg (or any other number), or { distinct: <column> }`;
const weightError = 'expected SQL as text, or a number of at least 0';

/** `top_3_avg` */
export const topPattern = /^top_([1-9]\d{0,3})_avg$/;

/** Keys that only roll-ups have. */
export const rollupKeys = {
  agg: explained(
    z.union(
      [
        z.enum(named),
        z.string().regex(topPattern, { error: aggError }),
        z.strictObject({
          distinct: explained(columnName, 'Each value of it counts once: breadth.', 'department'),
        }),
      ],
      { error: aggError },
    ),
    'What is made of the scores: their sum, highest, mean, mean of the n highest; the number of rows, of those that fulfil `where`, of distinct values; or noisy_or, 1 - product of (1 - score / 100).',
    'top_3_avg',
    { distinct: 'department' },
  ).optional(),
  weight: explained(
    z.union([sql, z.number({ error: weightError }).min(0, { error: weightError })], { error: weightError }),
    "SQL over the model's row with its entity's columns: how much it counts, 0 or more; 1 by default.",
    "case role when 'buyer' then 2 else 1 end",
  ).optional(),
  per: explained(
    sql,
    "SQL over this card's entity: the result is divided by it, for shares such as that of seats; 0 where it is not above 0.",
    'seats',
  ).optional(),
};
