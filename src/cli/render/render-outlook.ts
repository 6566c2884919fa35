import type { Cause } from '../../build/history-tables.ts';
import type { LastChange } from '../../build/last-change.ts';
import type { ExplainedScore } from '../../operations/explain-score.ts';
import type { NextTier, WayUp } from '../../scoring/next-tier.ts';
import { oneLine } from './format.ts';
import { formatInstant } from './format-instant.ts';
import type { ExplanationView } from './render-card.ts';
import { points, signed } from './sum-line.ts';
import { wrapped } from './wrapped.ts';

/** Where the score came from and where it may go: what leads to the next tier, what time alone does, what changed last. */
export function outlookLines(explained: ExplainedScore, view: ExplanationView): readonly string[] {
  const { nextTier, foreseen, change } = explained;
  const { paint, timeZone } = view;
  const lines: string[] = [];
  if (nextTier !== null) {
    lines.push(`  ${paint.strong(`Next: ${nextTier.tier}`)} from ${points(nextTier.from)}, ${missing(nextTier)}`);
    lines.push(...waysInWords(nextTier.ways, timeZone).map(paint.dim));
  }
  if (foreseen !== null) {
    const then = `${foreseen.tier ?? 'no tier'} by ${formatInstant(foreseen.by, timeZone).slice(0, 10)}`;
    const detail = `${points(foreseen.score)} in ${foreseen.inDays} ${foreseen.inDays === 1 ? 'day' : 'days'}`;
    lines.push(`  ${paint.strong('If nothing happens:')} ${then} ${paint.dim(`(${detail})`)}`);
  }
  if (change !== null) lines.push(...changeLines(change, explained, view));
  return lines.length === 0 ? [] : ['', ...lines];
}

/** A distance that the figures shown would call 0 is not none. */
function missing({ missing: distance }: NextTier): string {
  return `${points(Math.max(distance, 0.01))} away`;
}

function waysInWords(ways: readonly WayUp[], timeZone: string): readonly string[] {
  if (ways.length === 0) return ['    No single rule is known to lead there.'];
  return ways.map((way, index) => `    ${index === 0 ? '' : 'or '}${wayInWords(way, timeZone)} → ${points(way.score)}`);
}

/** `one more "Asked for a demo" (+30)`, `2 other "Used a feature" (+10)` where only other values count. */
function wayInWords({ kind, times, like, isOther, label, gain, input }: WayUp, timeZone: string): string {
  const rule = `"${oneLine(label, 60)}"${input === undefined ? '' : ` in ${input}`}`;
  const by = `(${signed(gain)})`;
  switch (kind) {
    case 'more': {
      const liked = like === undefined ? '' : ` like that of ${formatInstant(like, timeZone).slice(0, 10)}`;
      return `${times === 1 ? 'one' : times} ${isOther ? 'other' : 'more'} ${rule}${liked} ${by}`;
    }
    case 'end':
      return `ending ${rule} ${by}`;
    case 'hold':
      return `${rule} coming true ${by}`;
    default:
      return kind satisfies never;
  }
}

const causesInWords: Readonly<Record<Cause, string>> = {
  first: '',
  behaviour: 'by what was done or became known',
  time: 'by time alone: points faded or left their windows',
  model: 'the model was changed',
  override: 'set by hand',
};

function changeLines(change: LastChange, explained: ExplainedScore, { paint, timeZone }: ExplanationView) {
  const { cause, fromScore, fromTier, toScore, toTier, isOtherVersion, moved } = change;
  const when = changedWhen(change, timeZone);
  const to = standing(toScore, toTier);
  const what = fromScore === null ? to : `${standing(fromScore, fromTier)} → ${to}`;
  const why = cause === null ? (isOtherVersion ? 'the model was changed' : '') : causesInWords[cause];
  const head = `  ${paint.strong(when)} ${what}${why && paint.dim(`, ${why}`)}`;
  const words = moved.map(({ id, change: by }) => `${labelOf(id, explained)} ${signed(by)}`).join(', ');
  return words === '' ? [head] : [head, ...wrapped(words, 4).map(paint.dim)];
}

function changedWhen({ since, at, fromScore }: LastChange, timeZone: string): string {
  const day = (iso: string | null) => (iso === null ? 'before' : formatInstant(iso, timeZone));
  if (at === null) return `Since the build of ${day(since)}:`;
  return `${fromScore === null ? 'First scored' : 'Changed'} on ${day(at)}:`;
}

function standing(score: number, tier: string | null): string {
  return tier === null ? points(score) : `${points(score)} ${tier}`;
}

/** What a rule is called; one that is no more goes by its id. */
function labelOf(id: string, explained: ExplainedScore): string {
  if (explained.kind === 'combine') return id;
  return explained.rules.find((rule) => rule.id === id)?.label ?? id;
}
