import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { calendarDay, isDate, parseInstant } from '../../../src/project/instant.ts';

describe('a time', () => {
  test.each([
    ['2026-01-31', 'UTC', '2026-01-31T00:00:00.000Z'],
    ['2026-01-31', 'Europe/Berlin', '2026-01-30T23:00:00.000Z'],
    ['2026-07-31', 'Europe/Berlin', '2026-07-30T22:00:00.000Z'],
    ['2026-01-31 08:30', 'America/New_York', '2026-01-31T13:30:00.000Z'],
    ['2026-01-31T08:30:15', 'UTC', '2026-01-31T08:30:15.000Z'],
    ['2026-01-31T08:30:15.5Z', 'Asia/Tokyo', '2026-01-31T08:30:15.500Z'],
    ['2026-01-31t08:30z', 'Asia/Tokyo', '2026-01-31T08:30:00.000Z'],
    ['2026-01-31 08:30 +02:00', 'UTC', '2026-01-31T06:30:00.000Z'],
    ['2026-01-31T08:30-0530', 'UTC', '2026-01-31T14:00:00.000Z'],
    ['2026-01-31T08:30:15.123456Z', 'UTC', '2026-01-31T08:30:15.123456Z'],
  ])('%s read in %s is %s', (written, timeZone, instant) => {
    expect(parseInstant(written, timeZone)).toBe(instant);
  });

  test('in the hour that summer time leaves out is moved by that hour', () => {
    expect(parseInstant('2026-03-29 02:30', 'Europe/Berlin')).toBe('2026-03-29T01:30:00.000Z');
  });

  test('in the hour that comes twice is the first of the two', () => {
    expect(parseInstant('2026-10-25 02:30', 'Europe/Berlin')).toBe('2026-10-25T00:30:00.000Z');
  });

  test('at the start of a day without midnight is the first moment of that day', () => {
    const instant = parseInstant('2026-04-24', 'Africa/Cairo');
    expect(instant).toBe('2026-04-23T22:00:00.000Z');
    expect(calendarDay(instant ?? '', 'Africa/Cairo')).toBe('2026-04-24');
  });

  test.each([
    '',
    'now',
    '2026',
    '2026-13-01',
    '2026-02-30',
    '31.01.2026',
    '2026-01-31T25:00',
    '2026-01-31T08:61Z',
    '2026-1-3',
  ])('%j is none', (written) => {
    expect(parseInstant(written, 'UTC')).toBeNull();
  });
});

describe('a calendar day', () => {
  test('depends on the zone', () => {
    expect(calendarDay('2026-01-31T23:30:00Z', 'Europe/Berlin')).toBe('2026-02-01');
    expect(calendarDay('2026-01-31T23:30:00Z', 'UTC')).toBe('2026-01-31');
  });

  test('comes back from its own first moment, in any zone', () => {
    const zones = Intl.supportedValuesOf('timeZone');
    const days = fc.date({ min: new Date('1980-01-01'), max: new Date('2037-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(days, fc.constantFrom(...zones), (date, zone) => {
        const day = date.toISOString().slice(0, 10);
        const instant = parseInstant(day, zone);
        // Samoa skipped a whole day, and so did Kwajalein and others: such a day has no moment at all.
        const next = new Date(date.getTime() + 86_400_000).toISOString().slice(0, 10);
        expect([day, next]).toContain(calendarDay(instant ?? '', zone));
      }),
      { numRuns: 300 },
    );
  });
});

test.each([
  ['2026-01-31', true],
  ['2024-02-29', true],
  ['2026-02-29', false],
  ['2026-1-31', false],
  ['2026-01-31T00:00', false],
])('%s is a date: %s', (written, expected) => {
  expect(isDate(written)).toBe(expected);
});
