import { expect, test } from 'vitest';
import { closestName, didYouMean } from '../../../src/errors/did-you-mean.ts';

test('names the candidate that is a slip away', () => {
  expect(didYouMean('propertis', ['properties', 'property_group'])).toBe('Did you mean `properties`?');
});

test('overlooks the case of letters', () => {
  expect(closestName('LEADS', ['leads', 'logins'])).toBe('leads');
});

test('takes swapped letters for one slip', () => {
  expect(closestName('teirs', ['tests', 'tiers'])).toBe('tiers');
});

test('lists what there is where nothing is close', () => {
  expect(didYouMean('zebra', ['at', 'where'])).toBe('Known: at, where.');
});

test('does not take one short word for another', () => {
  expect(closestName('id', ['at', 'when'])).toBeUndefined();
});

test('cuts a long list', () => {
  const candidates = Array.from({ length: 15 }, (_, index) => `model_number_${index}`);
  expect(didYouMean('zebra', candidates)).toMatch(/^Known: model_number_0, .*model_number_11 and 3 more\.$/);
});

test('says that there is nothing to choose from', () => {
  expect(didYouMean('zebra', [])).toBe('There are none yet.');
});
