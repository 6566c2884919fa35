import { Temporal } from 'temporal-polyfill';

/** An ISO instant as people in a time zone write it, to the minute: `2026-01-31 08:00` */
export function formatInstant(iso: string, timeZone: string): string {
  const local = Temporal.Instant.from(iso).toZonedDateTimeISO(timeZone).toPlainDateTime();
  return local.toString({ smallestUnit: 'minute' }).replace('T', ' ');
}
