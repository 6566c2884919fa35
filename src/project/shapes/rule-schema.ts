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
import { reason } from './reasons-schema.ts';
import { rollupKeys } from './rollup-keys.ts';

/** One of the three; `read-rule` tells which. */
export const decay = z.strictObject({
  half_life: explained(durationSetting, 'Half of the points are left after this long.', '14d').optional(),
  linear: explained(durationSetting, 'The points fall evenly to zero in this time.', '60d').optional(),
  every: explained(durationSetting, 'A part of the points is lost at each full step of this length.', '30d').optional(),
  by: explained(lossSetting, 'The part lost at each step, with `every`.', '50%').optional(),
});

export const points = z.union([numberSetting, sql], {
  error: `expected a number, "{{ param('name') }}" or SQL as text`,
});

const bands = listOf(
  'bands: { at_least, points }',
  z.strictObject({
    at_least: explained(countSetting, 'From so many events on.', 10),
    points: explained(numberSetting, 'The points then, once.', 20),
  }),
).min(1, { error: 'expected at least one band' });

const recover = z.strictObject({
  on: explained(relation, 'One row per event that ends the penalty.', "{{ ref('visits') }}"),
  at: explained(sql, 'When that event happened.', 'visited_at'),
  where: explained(sql, 'Only events that fulfil this predicate end it.', "page = '/login'").optional(),
});

const session = z.strictObject({
  by: explained(columnName, 'Events with the same value of this column are one session.', 'session_id').optional(),
  gap: explained(
    durationSetting,
    'Instead of `by`: a session ends where no event follows for so long.',
    '30m',
  ).optional(),
  measure: explained(
    z.enum(['pages', 'minutes', 'count'], { error: 'expected pages, minutes or count' }),
    'What `at_least` is about: events of a session, minutes from its first to its last, or the number of sessions.',
  ).optional(),
  at_least: explained(
    positiveSetting,
    'Only sessions of so much count; of `count`, so many give the points, once.',
    5,
  ).optional(),
});

/** One of the two; `read-curve` tells which. */
const curve = z.strictObject({
  log: explained(positiveSetting, 'So much times ln(1 + the sum of the points).', 10).optional(),
  half_at: explained(
    positiveSetting,
    'Half of `limit` for a sum of so many points, and never all of it.',
    20,
  ).optional(),
});

const ages = z.tuple([durationSetting, durationSetting], { error: 'expected [youngest, oldest], such as [7d, 30d]' });

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
  reason: explained(
    reason,
    'How reasons name the rule, instead of its label and how often: {label}, {count} and {window} are filled in.',
    {
      one: 'Viewed pricing once in {window}',
      many: 'Viewed pricing {count} times in {window}',
    },
  ).optional(),
  points: explained(
    points,
    "A number, or SQL over the event's row (over the entity's row in other rules).",
    10,
    'pages * 2',
  ).optional(),
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
  rollup: explained(
    relation,
    "Roll-up: a scored model of an entity that belongs to this card's; points times `agg` over its rows.",
    'lead_engagement',
  ).optional(),

  at: explained(sql, 'When the event happened: a column or SQL.', 'login_at').optional(),
  by: explained(
    z.union([columnName, listOf('columns', columnName).min(1)], { error: 'expected a column or a list of columns' }),
    'The column of all its events that says whose they are, where their SQL does not show it: the key of the entity or of one that belongs to it, or the id of its aliases.',
    'lead_id',
    ['lead_id', 'visitor_id'],
  ).optional(),
  where: explained(
    sql,
    "Only events (of a roll-up: rows of the model, with its entity's columns) that fulfil this predicate count.",
    "device = 'web'",
  ).optional(),
  link: explained(
    sql,
    "A link that `explain` shows beside each event: a column of the event's row or SQL over it. It changes no score.",
    'url',
    "'https://app.example/calls/' || call_id",
  ).optional(),
  within: explained(durationSetting, 'Only events of this last stretch of time count.', '30d').optional(),
  between: explained(
    ages,
    'Instead of `within`: only events at least as old as the first and younger than the second count.',
    ['7d', '30d'],
  ).optional(),
  count: explained(count, 'each event, the best one once, or the best one of each value of a column.').optional(),
  max_per_day: explained(countSetting, 'At most so many events a day count.', 3).optional(),
  at_least: explained(countSetting, 'The points are given once, where at least so many events count.', 3).optional(),
  bands: explained(
    bands,
    'Instead of `points`: points for the number of events that count, before decay; the highest band reached gives its points once.',
    [
      { at_least: 10, points: 20 },
      { at_least: 3, points: 8 },
    ],
  ).optional(),
  repeat: explained(
    durationSetting,
    'The points of an absence rule again for each full period of more silence, up to `limit`.',
    '30d',
  ).optional(),
  session: explained(session, 'Sessions count instead of events, each at the time of its first event.', {
    gap: '30m',
    measure: 'pages',
    at_least: 5,
  }).optional(),
  curve: explained(
    curve,
    'Each further point of the rule counts for less: bends their sum, after decay and before `limit`.',
    {
      log: 10,
    },
  ).optional(),
  recover: explained(recover, 'A penalty ends when such an event follows.', {
    on: "{{ ref('visits') }}",
    at: 'visited_at',
  }).optional(),
  decay: explained(decay, 'How points fade with age.', { half_life: '14d' }).optional(),

  ...rollupKeys,
});

export type RuleShape = z.output<typeof rule>;
