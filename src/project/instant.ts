import { Temporal } from 'temporal-polyfill';

const datePattern = /^\d{4}-\d{2}-\d{2}$/;
const timePattern = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)\s*(Z|[+-]\d{2}:?\d{2})?$/i;

/**
 * Reads a date or a time. A bare date means 00:00, and a time without a zone is read, in `timeZone`; where summer time
 * leaves that hour out, it is the first moment after the gap.
 * @returns an ISO instant in UTC, or null for what is neither
 */
export function parseInstant(written: string, timeZone: string): string | null {
  const [, day, time, zone] = timePattern.exec(written.trim()) ?? [];
  const date = day ?? (datePattern.test(written.trim()) ? written.trim() : undefined);
  if (date === undefined) return null;
  try {
    const instant =
      zone === undefined
        ? Temporal.PlainDateTime.from(`${date}T${time ?? '00:00'}`, { overflow: 'reject' })
            .toZonedDateTime(timeZone)
            .toInstant()
        : Temporal.Instant.from(`${date}T${time}${zone.toUpperCase()}`);
    return instant.toString({ smallestUnit: fractionOf(instant) });
  } catch (cause) {
    if (cause instanceof RangeError) return null;
    throw cause;
  }
}

/** The calendar day of an instant in a time zone, `2026-01-31`. */
export function calendarDay(instant: string, timeZone: string): string {
  return Temporal.Instant.from(instant).toZonedDateTimeISO(timeZone).toPlainDate().toString();
}

/** Whether the text is a day that exists, `2026-01-31`. */
export function isDate(written: string): boolean {
  if (!datePattern.test(written)) return false;
  try {
    Temporal.PlainDate.from(written, { overflow: 'reject' });
    return true;
  } catch (cause) {
    if (cause instanceof RangeError) return false;
    throw cause;
  }
}

/** Milliseconds, as JavaScript writes them, unless microseconds would be lost. */
function fractionOf(instant: Temporal.Instant): 'millisecond' | 'microsecond' {
  return instant.epochNanoseconds % 1_000_000n === 0n ? 'millisecond' : 'microsecond';
}
