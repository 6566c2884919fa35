import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** What the sandbox does and a sync never meets: it archives nothing, and the request log is no part of HubSpot. */
const notMet = [26, 30];
const rules = Array.from({ length: 30 }, (_, index) => index + 1).filter((rule) => !notMet.includes(rule));

/** Rules that the titles of the product's own tests name, as `(facts 9, 17)`. */
function namedRules(): ReadonlySet<number> {
  const folder = new URL('../../integration/', import.meta.url);
  const files = readdirSync(folder).filter((name) => name.endsWith('.test.ts') && !name.startsWith('sandbox-'));
  const titles = files.flatMap((name) => readFileSync(new URL(name, folder), 'utf8').match(/\(facts [\d, ]+\)/g) ?? []);
  return new Set(titles.flatMap((title) => title.match(/\d+/g) ?? []).map(Number));
}

test('every rule of HubSpot that a sync meets has a test that names it, beside the sandbox', () => {
  const named = namedRules();
  expect(rules.filter((rule) => !named.has(rule))).toEqual([]);
});
