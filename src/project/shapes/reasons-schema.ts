import { z } from 'zod';
import { explained, text, wholeNumber } from '../settings.ts';

/** Words with places in braces, for one event and for several. */
export const reason = z.union(
  [
    text(),
    z.strictObject({
      one: explained(text(), 'For a single event.', 'Viewed pricing once in {window}'),
      many: explained(text(), 'For any other number.', 'Viewed pricing {count} times in {window}'),
    }),
  ],
  { error: 'expected text such as "{label} in {window}", or { one, many }' },
);

/** What cards and template files say alike. */
const general = {
  events: explained(
    reason,
    'How reasons name rules that count events or sessions, without a `reason` of their own; "{label}" for no counts. ' +
      'What stands in [ ] around {window} is left out where there is none.',
    { one: '{label} once[ in {window}]', many: '{label} {count} times[ in {window}]' },
  ).optional(),
  distinct: explained(
    reason,
    'How they name rules that count distinct values; as `events` says, where only that is written.',
    '{label}: {count}[ in {window}]',
  ).optional(),
};

const maxLengthError = 'expected a whole number of at least 20';

/** Of a scorecard, or of all. */
export const reasons = z.strictObject({
  templates: explained(
    text('a YAML file of the project'),
    'A file with `events`, `distinct` and `units` for cards of one language.',
    'reasons/german.yml',
  ).optional(),
  ...general,
  max_length: explained(
    wholeNumber(20, undefined, maxLengthError),
    'Characters of the reasons; longer text is cut.',
    300,
  ).optional(),
});

export type ReasonsShape = z.output<typeof reasons>;

const unit = z.strictObject({
  one: explained(text(), 'Behind a 1.', 'Tag'),
  many: explained(text(), 'Behind any other number.', 'Tagen'),
});

/** The file that `templates` names. */
export const reasonTemplates = z.strictObject({
  ...general,
  units: explained(
    z.strictObject({ day: unit, hour: unit, minute: unit }),
    'The words behind the number of a `{window}`.',
  ).optional(),
});
