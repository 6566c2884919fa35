import { sql } from 'kysely';
import type { Dialect, Fragment } from '../sql/types.ts';
import type { ScoredCard } from './card.ts';
import { name } from './literals.ts';
import { column } from './select-text.ts';
import { isAmong } from './tier-case.ts';
import type { Verdict } from './verdict.ts';

/** For each tier that is a share of all, the lowest score that has it: `bar__<index>`. @param from the last step, of all rows */
export function barColumns(
  { tiers }: ScoredCard,
  verdict: Verdict,
  from: string,
  dialect: Dialect,
): readonly Fragment[] {
  const score = verdict.score ?? name('score');
  const gate = verdict.isGated ? sql` and not is_disqualified` : sql``;
  return tiers.flatMap(({ topRatio }, index) => {
    if (topRatio === undefined) return [];
    const among = isAmong(topRatio, { score, place: name('place_by_score'), rivals: name('rivals') }, dialect);
    return [column(sql`(select min(${score}) from ${name(from)} where ${among}${gate})`, barColumn(index))];
  });
}

export function barColumn(index: number): string {
  return `bar__${index}`;
}
