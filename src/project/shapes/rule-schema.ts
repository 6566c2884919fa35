import { z } from 'zod';
import {
  columnName,
  countSetting,
  durationSetting,
  explained,
  listOf,
  lossSetting,
  name,
  numberSetting,
  positiveSetting,
  relation,
  sql,
  text,
} from '../settings.ts';

/** One of the three; `read-rule` tells which. */
const decay = z.strictObject({
  half_life: explained(durationSetting, 'Half of the points are left after this long.', '14d').optional(),
  linear: explained(durationSetting, 'The points fall evenly to zero in this time.', '60d').optional(),
  every: explained(durationSetting, 'A part of the points is lost at each full step of this length.', '30d').optional(),
  by: explained(lossSetting, 'The part lost at each step, with `every`.', '50%').optional(),
});

const count = z.union(
  [
    z.enum(['each', 'once']),
    z.strictObject({ distinct: explained(columnName, 'Each value of it counts once.', 'url') }),
  ],
  { error: 'expected each, once or { distinct: <column> }' },
);

/** A rule of any kind: which keys go together is checked by `read-rule`, which can say it better than a union can. */
export const rule = z.strictObject({
  id: explained(name, 'Unique in the card; its points stand in the column `points__<id>`.', 'pricing_page'),
  label: explained(
    text(),
    "In a marketer's words, for reasons; made from the id by default.",
    'Viewed pricing',
  ).optional(),
  description: explained(text(), 'For people who read the card.').optional(),
  points: explained(
    z.union([numberSetting, sql], { error: `expected a number, "{{ param('name') }}" or SQL as text` }),
    "A number, or SQL over the event's row (over the entity's row in other rules).",
    10,
    'pages * 2',
  ),
  limit: explained(positiveSetting, "Cap on this rule's points, in absolute value.", 20).optional(),
  group: explained(name, 'One of `groups`, which cap several rules together.', 'web').optional(),

  events: explained(
    relation,
    "Event rule: one row per event, carrying the entity's key.",
    "{{ ref('logins') }}",
  ).optional(),
  when: explained(
    sql,
    "Attribute rule: a predicate on the entity's row.",
    "seniority in ('director', 'vp')",
  ).optional(),
  no_events: explained(
    z.union([relation, listOf('relations', relation).min(1)], { error: 'expected a relation or a list of them' }),
    'Absence rule: fires where none of these has an event of the entity in the window.',
    "{{ ref('logins') }}",
  ).optional(),
  value: explained(
    sql,
    "Numeric rule: points times this SQL expression over the entity's row.",
    'ln(1 + seats)',
  ).optional(),

  at: explained(sql, 'When the event happened: a column or SQL.', 'login_at').optional(),
  where: explained(sql, 'Only events that fulfil this predicate count.', "device = 'web'").optional(),
  within: explained(durationSetting, 'Only events of this last stretch of time count.', '30d').optional(),
  count: explained(count, 'each event, the best one once, or the best one of each value of a column.').optional(),
  max_per_day: explained(countSetting, 'At most so many events a day count.', 3).optional(),
  decay: explained(decay, 'How points fade with age.', { half_life: '14d' }).optional(),
});

export type RuleShape = z.output<typeof rule>;
