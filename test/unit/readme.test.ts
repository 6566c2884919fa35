import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { commands } from '../../src/cli/commands/index.ts';
import { macros } from '../../src/sql/macros.ts';
import { between, readmeTables } from '../support/readme-tables.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

test.each(Object.entries(readmeTables))('has the table of %s as the code has it', (name, table) => {
  expect(between(readme, name)).toBe(table);
});

test('names every command with its arguments', () => {
  for (const { usage } of commands) expect(readme).toContain(`| \`${usage}\` |`);
});

test('names every macro', () => {
  for (const name of Object.keys(macros)) expect(readme).toContain(`\`${name}('`);
});
