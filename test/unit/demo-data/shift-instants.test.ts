import { expect, it } from 'vitest';
import { shiftInstants } from '../../../src/sandbox/demo-data/shift-instants.ts';

it('moves every instant by whole days and leaves the rest of the text', () => {
  const csv = 'P001,2026-02-27T23:59:59Z,/pricing\nP002,2026-12-31T00:00:00Z,2026-12-31\n';
  expect(shiftInstants(csv, 2)).toBe('P001,2026-03-01T23:59:59Z,/pricing\nP002,2027-01-02T00:00:00Z,2026-12-31\n');
  expect(shiftInstants(shiftInstants(csv, 400), -400)).toBe(csv);
});
