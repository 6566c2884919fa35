import { didYouMean } from '../errors/did-you-mean.ts';
import type { Card } from './card.ts';
import { decimalsOf } from './literals.ts';
import { pointsColumn, scoreColumns } from './score-columns.ts';
import type { SettingReader } from './setting-reader.ts';

/** Reports what is wrong with the parts of a card together, once parameters have their values. */
export function checkCard(card: Card, reader: SettingReader): void {
  checkKey(card, reader);
  checkRules(card, reader);
  checkLimits(card, reader);
  checkTiers(card, reader);
  checkRound(card, reader);
}

function checkKey({ key, entity, rules }: Card, reader: SettingReader): void {
  const taken = scoreColumns(rules).find((column) => column === key.toLowerCase());
  if (taken === undefined) return;
  const message = `the key of the entity \`${entity}\` is called \`${key}\`, as is a column of every score table`;
  reader.report(['entity'], entity, message, 'Give the key another name in the relation of the entity.');
}

function checkRules({ rules, groups }: Card, reader: SettingReader): void {
  const seen = new Map<string, number>();
  for (const [index, { id, group }] of rules.entries()) {
    const column = pointsColumn(id).toLowerCase();
    const first = seen.get(column);
    if (first !== undefined) {
      const message = `rules ${first + 1} and ${index + 1} would both have the column \`${column}\`: expected an id of its own`;
      reader.report(['rules', index, 'id'], id, message);
    }
    seen.set(column, first ?? index);
    const names = groups.map((known) => known.name);
    if (group !== undefined && !names.includes(group)) {
      reader.report(['rules', index, 'group'], group, `no group is called \`${group}\``, didYouMean(group, names));
    }
  }
}

function checkLimits({ range, groups }: Card, reader: SettingReader): void {
  if (range !== null && range.min > range.max) {
    const message = 'the range ends before it begins: expected [lowest, highest]';
    reader.report(['range'], `[${range.min}, ${range.max}]`, message);
  }
  for (const { name, min, max } of groups) {
    if (min === undefined || max === undefined || min <= max) continue;
    const message = `the group \`${name}\` has a min of ${min} above its max of ${max}`;
    reader.report(['groups', name, 'min'], String(min), message);
  }
}

function checkTiers({ tiers }: Card, reader: SettingReader): void {
  let lowest = Number.POSITIVE_INFINITY;
  for (const [index, { name, at }] of tiers.entries()) {
    if (tiers.findIndex((tier) => tier.name === name) < index) {
      reader.report(['tiers', index, 'name'], name, `two tiers are called \`${name}\``);
    }
    if (at === undefined && index < tiers.length - 1) {
      reader.report(['tiers', index], name, `the tier \`${name}\` has no \`at\`: only the last one may go without`);
    }
    if (at !== undefined && at >= lowest) {
      const message = `the tier \`${name}\` begins at ${at}, the one above it at ${lowest}: expected the highest first`;
      reader.report(['tiers', index, 'at'], String(at), message);
    }
    lowest = at ?? lowest;
  }
}

/** Only a step whose reciprocal is a short decimal too keeps scores exact: 0.01, 0.05, 0.5, 1, 2, 5, 10; not 3 or 0.7. */
function checkRound({ round }: Card, reader: SettingReader): void {
  if (round === 'none' || (decimalsOf(round) <= 6 && decimalsOf(reciprocal(round)) <= 6)) return;
  const message = `${round} is no step that decimals can hold: expected one such as 0.01, 0.5, 1, 5 or 10, or none`;
  reader.report(['round'], String(round), message);
}

/** 1 / step without the noise of binary fractions. */
export function reciprocal(step: number): number {
  return Number((1 / step).toPrecision(12));
}
