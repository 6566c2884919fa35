import type { Card } from './card.ts';
import { decimalsOf } from './literals.ts';
import type { SettingReader } from './setting-reader.ts';

/**
 * Reports numbers of a card that contradict each other. What they say without parameters was checked when the project was
 * read; here parameters have their values.
 */
export function checkCard(card: Card, reader: SettingReader): void {
  checkLimits(card, reader);
  checkTiers(card, reader);
  checkRound(card, reader);
}

function checkLimits({ range, groups }: Card, reader: SettingReader): void {
  if (range !== null && range.min > range.max) {
    reader.report(
      ['range'],
      `[${range.min}, ${range.max}]`,
      'the range begins above its end: expected [lowest, highest]',
    );
  }
  for (const { name, min, max } of groups) {
    if (min === undefined || max === undefined || min <= max) continue;
    reader.report(['groups', name, 'min'], String(min), `group \`${name}\`: min ${min} is above max ${max}`);
  }
}

function checkTiers({ tiers }: Card, reader: SettingReader): void {
  let above = Number.POSITIVE_INFINITY;
  for (const [index, { name, at }] of tiers.entries()) {
    if (at !== undefined && at >= above) {
      const message = `tier \`${name}\` is at ${at}, and the one above it at ${above}: expected the highest first`;
      reader.report(['tiers', index, 'at'], String(at), message);
    }
    above = at ?? above;
  }
}

/** Only a step whose reciprocal is a short decimal too keeps scores exact: 0.01, 0.05, 0.5, 1, 2, 5, 10; not 3 or 0.7. */
function checkRound({ round }: Card, reader: SettingReader): void {
  if (round === 'none' || (decimalsOf(round) <= 6 && decimalsOf(reciprocal(round)) <= 6)) return;
  const message = `${round} is no step that decimals can hold: expected one such as 0.01, 0.5, 1, 5 or 10, or none`;
  reader.report(['round'], String(round), message);
}

/** 1 / step, without the noise of binary fractions. */
export function reciprocal(step: number): number {
  return Number((1 / step).toPrecision(12));
}
