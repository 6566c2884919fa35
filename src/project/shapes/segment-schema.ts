import { z } from 'zod';
import { durationSetting, explained, mapOf, name, numberSetting, positiveSetting, section, sql } from '../settings.ts';
import { decay, points } from './rule-schema.ts';
import { tierName } from './scored-schema.ts';

const none = z.literal('none');

/** By the rule's id: in this segment, the rule has this instead of its own. */
export const segment = z.strictObject({
  name: explained(name, 'Unique in the card; it stands in the column `segment`.', 'enterprise'),
  when: explained(
    sql,
    "A predicate on the entity's row; without it: all that no segment before matched.",
    "plan = 'enterprise'",
  ).optional(),
  points: explained(section(mapOf('points by rule id', name, points)), 'Points of rules in this segment.', {
    logged_in: 1,
  }),
  limit: explained(
    section(
      mapOf(
        'limits by rule id',
        name,
        z.union([positiveSetting, none], { error: 'expected a number above 0, or none' }),
      ),
    ),
    'Limits of rules in this segment; none takes the limit off.',
    { logged_in: 10 },
  ),
  within: explained(
    section(
      mapOf(
        'durations by rule id',
        name,
        z.union([durationSetting, none], { error: 'expected a duration such as 14d, or none' }),
      ),
    ),
    'Windows of rules in this segment; none: all events count.',
    { logged_in: '60d' },
  ),
  decay: explained(
    section(
      mapOf(
        'decays by rule id',
        name,
        z.union([decay, none], { error: 'expected a decay such as { half_life: 14d }, or none' }),
      ),
    ),
    'Decays of rules in this segment; none: points do not fade.',
    { logged_in: { half_life: '30d' } },
  ),
  tiers: explained(
    section(mapOf('thresholds by tier', tierName, numberSetting)),
    'Thresholds of tiers in this segment.',
    { hot: 60 },
  ),
});

export type SegmentShape = z.output<typeof segment>;
