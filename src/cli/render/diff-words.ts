import type { ScoreDiff } from '../../build/diff/score-diff.ts';
import type { DiffOutcome } from '../../operations/diff-model.ts';
import type { ForeseenSync } from '../../operations/foresee-syncs.ts';
import { byTier } from '../../project/tier-order.ts';
import { formatCount, formatCounted, formatShare } from './format.ts';
import { formatInstant } from './format-instant.ts';
import type { Painter } from './painter.ts';

/** What the terminal and the markdown say in the same words. */

export interface DiffView {
  /** The project's. */
  readonly timeZone: string;
  /** `--param` as typed. */
  readonly params: readonly string[];
  readonly paint: Painter;
}

/** `as of 2026-06-30 00:00 UTC, with half_life=7d` */
export function instantInWords({ asOf, liveAsOf }: DiffOutcome, { timeZone, params }: DiffView): string {
  const live = liveAsOf === asOf ? '' : `; the live scores are as of ${formatInstant(liveAsOf, timeZone)}`;
  const given = params.length === 0 ? '' : `, with ${params.join(', ')}`;
  return `as of ${formatInstant(asOf, timeZone)} ${timeZone}${given}${live}`;
}

/** Sentences: how many rows, scores and tiers, and whether the model changed at all. */
export function countsInWords({ rows, mean, modelVersion }: ScoreDiff, isSameInstant: boolean): readonly string[] {
  const { before, after, appeared, disappeared, changed, tierChanged } = rows;
  const both = before - disappeared;
  const of = (count: number) => (both === 0 || count === 0 ? '' : ` (${formatShare(count / both)})`);
  const size =
    appeared + disappeared === 0
      ? formatCounted(after, 'row')
      : `${formatCount(before)} → ${formatCount(after)} rows (${formatCount(appeared)} new, ${formatCount(disappeared)} gone)`;
  const scores = `${formatCounted(changed, 'score')} ${changed === 1 ? 'changes' : 'change'}${of(changed)}`;
  const tiers = `${formatCounted(tierChanged, 'tier')} ${tierChanged === 1 ? 'moves' : 'move'}${of(tierChanged)}`;
  const moved = changed + tierChanged === 0 ? 'no score and no tier changes' : `${scores}, ${tiers}`;
  const means =
    mean.before === null || mean.before === mean.after ? '' : `; mean ${score(mean.before)} → ${score(mean.after)}`;
  const sentence = `${size}: ${moved}${means}`;
  if (modelVersion.before === null || modelVersion.before !== modelVersion.after) return [sentence];
  const same = 'The model is as it was when the live scores were built';
  if (changed + tierChanged + appeared + disappeared === 0) return [sentence, `${same}.`];
  return [
    sentence,
    `${same}: what differs comes from what it reads${isSameInstant ? '' : ', and from the other instant'}.`,
  ];
}

/** A score with two decimals at most. */
export function score(value: number | null): string {
  return value === null ? '' : value.toLocaleString('en-US', { maximumFractionDigits: 2 });
}

export const tierName = (tier: string | null) => tier ?? '(none)';

/** From which tier (lines) to which (columns), the highest first, with those that nobody is in left out. */
export function tierMatrix({ tierMoves, tiers }: ScoreDiff) {
  const ends = [...new Set(tierMoves.flatMap(({ from, to }) => [from, to]))].sort(byTier(tiers));
  const rows = ends.map((from) => ({
    from,
    cells: ends.map((to) => tierMoves.find((move) => move.from === from && move.to === to)?.rows ?? 0),
  }));
  return { ends, rows };
}

/** One line for what a sync would send. */
export function syncInWords({ edited, live }: ForeseenSync): string {
  if (edited === null) return '';
  const parts = [
    `${formatCounted(edited.changed, 'changed row')} to send`,
    ...(edited.suppressed > 0 ? [`${formatCount(edited.suppressed)} inside the dead band`] : []),
    `${formatCount(edited.unchanged)} unchanged`,
    ...(edited.unknown > 0 ? [`${formatCount(edited.unknown)} not known to HubSpot yet`] : []),
    ...(edited.left > 0 ? [`${formatCount(edited.left)} that left the model`] : []),
    ...(edited.excluded > 0 ? [`${formatCount(edited.excluded)} excluded`] : []),
  ];
  const anyway = live === null ? '' : `; with the live model ${formatCount(live.changed)} to send`;
  return parts.join(', ') + anyway;
}

export const syncNote =
  'Counted against what HubSpot accepted last, without asking it; `scoreline plan` looks records up as well.';
