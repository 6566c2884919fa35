import { z } from 'zod';
import {
  explained,
  listOf,
  lossSetting,
  mapOf,
  name,
  numberSetting,
  positiveSetting,
  relation,
  section,
  sql,
  text,
} from '../settings.ts';

/*
 * What every scored kind of model has: how a score becomes a tier.
 */

export const tierName = z
  .string({ error: 'expected the name of a tier' })
  // HubSpot separates the values of an enumeration by semicolons.
  .regex(/^[^\s;](?:[^;\n]{0,98}[^\s;])?$/, {
    error: 'expected the name of a tier: at most 100 characters, no semicolon, no space at its ends',
  });

const tier = z.strictObject({
  name: explained(tierName, 'Unique in the model; `disqualified` is reserved.', 'hot'),
  label: explained(text(), 'What HubSpot shows instead of the name.', 'Hot lead').optional(),
  at: explained(numberSetting, 'The lowest score of the tier; only the last tier may have none.', 75).optional(),
  top: explained(
    lossSetting,
    'Instead of `at`: the best share of all rows that are not disqualified, ties included.',
    '5%',
  ).optional(),
});

const gate = z.strictObject({
  id: explained(name, 'Unique in the model.', 'competitor'),
  label: explained(text(), 'The reason in words; made from the id by default.', 'Works for a competitor').optional(),
  when: explained(sql, "A predicate on the entity's row.", "{{ email_domain('email') }} in ('rival.example')"),
});

const roundError = 'expected a step from 0.000001 to 1000, such as 0.01, or none';

export const scored = {
  entity: explained(name, 'What is scored: one of `entities` in config/scoreline.yml.', 'lead'),
  range: explained(
    z.tuple([numberSetting, numberSetting], { error: 'expected [lowest, highest]' }),
    'The lowest and the highest score.',
    [0, 100],
  ).optional(),
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
  disqualify: explained(
    section(listOf('gates: { id, when }', gate)),
    'Whoever one of these holds for keeps the score, and the tier is `disqualified`.',
    [{ id: 'competitor', when: "{{ email_domain('email') }} in ('rival.example')" }],
  ),
  hysteresis: explained(
    positiveSetting,
    'How far below the threshold of its tier a score must fall to lose the tier.',
    3,
  ).optional(),
  overrides: explained(
    relation,
    "A SQL model with what people set by hand: the entity's key, `score` or `tier`, and if wanted `reason` and `until`.",
    "{{ ref('score_overrides') }}",
  ).optional(),
};

const thresholds = listOf('thresholds, highest first', numberSetting)
  .min(1, { error: 'expected at least one threshold' })
  .max(9, { error: 'expected at most 9 thresholds' });

export const combine = {
  inputs: explained(
    mapOf('inputs: { name: model }', name, relation),
    'Scored models of the entity, or of one that it belongs to, by the names that `score` calls them.',
    { fit: 'lead_fit', engagement: 'lead_engagement' },
  ),
  score: explained(sql, 'SQL over the names of the inputs.', '0.4 * fit + 0.6 * engagement'),
  grade: explained(
    mapOf('two inputs and their thresholds, highest first', name, thresholds),
    'A letter for the first input and a digit for the second: A1 is the best. One threshold fewer than there are steps.',
    { fit: [70, 40], engagement: [70, 40] },
  ).optional(),
};
