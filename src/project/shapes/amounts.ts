import { z } from 'zod';
import type { Duration } from '../setting-types.ts';
import { durationPattern, parseDuration, wholeNumber } from '../settings.ts';

const countError = 'expected a whole number above 0';

/** A whole number that may come from the environment, where everything is text. */
export const count = z.union(
  [
    wholeNumber(1, undefined, countError),
    z
      .string()
      .regex(/^[1-9]\d{0,14}$/)
      .transform(Number),
  ],
  { error: countError },
);

const ageError = 'expected a duration such as 24h: a whole number above 0 and m, h, d or w, without a space';
/** A duration above 0. */
export const age = z
  .string({ error: ageError })
  .regex(durationPattern, { error: ageError })
  .transform((written): Duration => parseDuration(written) ?? z.NEVER);
