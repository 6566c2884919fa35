import { expect, test } from 'vitest';
import { localTimeReader } from '../../../src/warehouse/local-time.ts';

const read = (timeZone: string, local: string) =>
  new Date(localTimeReader(timeZone)(Date.parse(`${local}Z`))).toISOString();

test('a wall clock time is read in its zone', () => {
  expect(read('UTC', '2026-01-31T08:30:00')).toBe('2026-01-31T08:30:00.000Z');
  expect(read('Europe/Berlin', '2026-01-31T08:30:00')).toBe('2026-01-31T07:30:00.000Z');
  expect(read('Europe/Berlin', '2026-07-31T08:30:00')).toBe('2026-07-31T06:30:00.000Z');
  expect(read('America/New_York', '2026-01-31T20:00:00')).toBe('2026-02-01T01:00:00.000Z');
  expect(read('Asia/Kathmandu', '2026-01-31T00:00:00')).toBe('2026-01-30T18:15:00.000Z');
});

test('a time that the clocks skipped counts with the offset before the change', () => {
  expect(read('Europe/Berlin', '2026-03-29T01:59:59')).toBe('2026-03-29T00:59:59.000Z');
  expect(read('Europe/Berlin', '2026-03-29T02:30:00')).toBe('2026-03-29T01:30:00.000Z');
  expect(read('Europe/Berlin', '2026-03-29T03:00:00')).toBe('2026-03-29T01:00:00.000Z');
});

test('a time that the clocks repeated means its second occurrence', () => {
  expect(read('Europe/Berlin', '2026-10-25T01:59:59')).toBe('2026-10-24T23:59:59.000Z');
  expect(read('Europe/Berlin', '2026-10-25T02:30:00')).toBe('2026-10-25T01:30:00.000Z');
  expect(read('Europe/Berlin', '2026-10-25T03:00:00')).toBe('2026-10-25T02:00:00.000Z');
});

test('offsets of seconds, long ago, are kept', () => {
  expect(read('Europe/Berlin', '1880-01-01T00:53:28')).toBe('1880-01-01T00:00:00.000Z');
});

test('an unknown zone is refused', () => {
  expect(() => localTimeReader('Mars/Phobos')).toThrow(RangeError);
});
