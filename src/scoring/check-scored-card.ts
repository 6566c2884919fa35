import type { ScoredCard } from './card.ts';
import { decimalsOf } from './literals.ts';
import type { SettingReader } from './setting-reader.ts';

/*
 * Numbers of any scored model that contradict each other, now that parameters have their values.
 */

export function checkTiersAndRound(card: ScoredCard, reader: SettingReader): void {
  checkThresholds(card, reader);
  checkShares(card, reader);
  checkRound(card, reader);
}

export function checkRange({ range }: ScoredCard, reader: SettingReader): void {
  if (range === null || range.min <= range.max) return;
  reader.report(
    ['range'],
    `[${range.min}, ${range.max}]`,
    'the range begins above its end: expected [lowest, highest]',
  );
}

/** Of all entities, and of each segment with thresholds of its own. */
function checkThresholds({ tiers, segments, range }: ScoredCard, reader: SettingReader): void {
  const check = (own: Readonly<Record<string, number>>, segment: number | null) => {
    let above = Number.POSITIVE_INFINITY;
    for (const [index, { name, at }] of tiers.entries()) {
      const here = own[name] ?? at;
      if (here === undefined) continue;
      const isOwn = segment !== null && name in own;
      const path = isOwn ? ['segments', segment, 'tiers', name] : ['tiers', index, 'at'];
      if (here >= above && (segment === null || Object.keys(own).length > 0)) {
        const message = `tier \`${name}\` is at ${here}, and the one above it at ${above}: expected the highest first`;
        reader.report(path, String(here), message);
      }
      if (range !== null && range.min <= range.max && here > range.max && (segment === null || isOwn)) {
        const message = `tier \`${name}\` is at ${here}, and no score is above ${range.max}, the end of the range: nobody reaches it`;
        reader.report(path, String(here), message);
      }
      above = here;
    }
  };
  check({}, null);
  segments.forEach((segment, index) => {
    check(segment.tiers, index);
  });
}

function checkShares({ tiers }: ScoredCard, reader: SettingReader): void {
  let above = 0;
  for (const [index, { name, topRatio }] of tiers.entries()) {
    if (topRatio === undefined) continue;
    if (topRatio <= above) {
      const message = `tier \`${name}\` is the best ${topRatio} of all, and the one above it the best ${above}: expected each share larger than the one before`;
      reader.report(['tiers', index, 'top'], String(topRatio), message);
    }
    above = topRatio;
  }
}

/** Only a step whose reciprocal is a short decimal too keeps scores exact: 0.01, 0.05, 0.5, 1, 2, 5, 10; not 3 or 0.7. */
function checkRound({ round }: ScoredCard, reader: SettingReader): void {
  if (round === 'none' || (decimalsOf(round) <= 6 && decimalsOf(reciprocal(round)) <= 6)) return;
  const message = `${round} is no step that decimals can hold: expected one such as 0.01, 0.5, 1, 5 or 10, or none`;
  reader.report(['round'], String(round), message);
}

/** 1 / step, without the noise of binary fractions. */
export function reciprocal(step: number): number {
  return Number((1 / step).toPrecision(12));
}
