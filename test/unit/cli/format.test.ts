import { expect, test } from 'vitest';
import { commandLine } from '../../../src/cli/render/command-line.ts';
import { formatBytes, formatCounted, formatSeconds, formatShare, oneLine } from '../../../src/cli/render/format.ts';
import { formatInstant } from '../../../src/cli/render/format-instant.ts';
import { renderTable } from '../../../src/cli/render/render-table.ts';
import { snakeKeys } from '../../../src/cli/render/snake-keys.ts';

test.each([
  [0, '0 rows'],
  [1, '1 row'],
  [12_345, '12,345 rows'],
])('%i is counted as %s', (count, text) => {
  expect(formatCounted(count, 'row')).toBe(text);
});

test.each([
  [0.04, '0.0 s'],
  [9.94, '9.9 s'],
  [9.99, '10 s'],
  [59.6, '1 min'],
  [200, '3 min 20 s'],
])('%d seconds are %s', (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text);
});

test.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [999, '999 bytes'],
  [1000, '1.0 kB'],
  [10_485_760, '10 MB'],
  [200e9, '200 GB'],
  [1.5e12, '1.5 TB'],
  [12_345e15, '12,345 PB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [0.000014, 'under 0.1%'],
  [0.005, '0.5%'],
  [0.0999, '10%'],
  [0.5, '50%'],
])('a share of %d is %s', (ratio, text) => {
  expect(formatShare(ratio)).toBe(text);
});

test('an instant is shown in the time zone, to the minute', () => {
  expect(formatInstant('2026-03-29T00:59:59.999Z', 'Europe/Berlin')).toBe('2026-03-29 01:59');
  expect(formatInstant('2026-03-29T01:00:00Z', 'Europe/Berlin')).toBe('2026-03-29 03:00');
  expect(formatInstant('2017-10-31T05:00:00.123456Z', 'America/Chicago')).toBe('2017-10-31 00:00');
});

test('data becomes one line that cannot move the cursor', () => {
  expect(oneLine(' a\n\tb \u001b[2Jc\u2028d\u0000 ')).toBe('a b [2Jc d');
  expect(oneLine('abcdef', 4)).toBe('abc…');
  expect(oneLine('abcd', 4)).toBe('abcd');
});

test('members are renamed on all levels, values are not', () => {
  const at = new Date(0);
  expect(snakeKeys({ runId: 'aB', rows: [{ tierMoves: null }], at, retryAfter: { maxPerDay: 1 } })).toEqual({
    run_id: 'aB',
    rows: [{ tier_moves: null }],
    at,
    retry_after: { max_per_day: 1 },
  });
});

test('a command to type has the options that decide what it is about, quoted for a shell', () => {
  const options = { projectDir: 'my project', target: 'prod', asOf: '2026-01-31', param: ["who=it's", 'half_life=7d'] };
  expect(commandLine(['run', 'contacts'], options)).toBe(
    `scoreline run contacts --project-dir 'my project' --target prod --as-of 2026-01-31 --param 'who=it'\\''s' --param half_life=7d`,
  );
  expect(commandLine(['run'], { projectDir: '.', param: [] })).toBe('scoreline run');
});

test('a table puts numbers to the right and nothing behind the last column', () => {
  const table = renderTable(
    ['name', 'rows', 'note'],
    [
      ['a', 1, null],
      ['bcd', 12_345, 'x'],
    ],
  );
  expect(table).toBe('  name    rows  note\n  ───────────────────\n  a          1\n  bcd   12,345  x');
});
