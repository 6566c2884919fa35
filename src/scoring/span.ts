import type { Duration } from '../project/setting-types.ts';

/**
 * A stretch of time as the grain has it: durations in days or weeks count whole calendar days, durations in hours or
 * minutes are exact to the second.
 */
export type Span =
  | { readonly unit: 'days'; readonly length: number }
  | { readonly unit: 'seconds'; readonly length: number };

export const secondsPerDay = 86_400;

export function spanOf({ amount, unit }: Duration): Span {
  switch (unit) {
    case 'week':
      return { unit: 'days', length: amount * 7 };
    case 'day':
      return { unit: 'days', length: amount };
    case 'hour':
      return { unit: 'seconds', length: amount * 3600 };
    case 'minute':
      return { unit: 'seconds', length: amount * 60 };
    default:
      return unit satisfies never;
  }
}

/** Days back from the day of `as_of` in which every event younger than the span lies, with one to spare. */
export function daysBack(span: Span): number {
  return span.unit === 'days' ? span.length : Math.ceil(span.length / secondsPerDay) + 1;
}

/** As one may write it in a file: 28 days as `28d`. */
export function spanText({ unit, length }: Span): string {
  if (unit === 'days') return `${length}d`;
  return length % 3600 === 0 ? `${length / 3600}h` : `${length / 60}m`;
}
