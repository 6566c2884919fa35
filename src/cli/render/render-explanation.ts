import { stripVTControlCharacters } from 'node:util';
import type { ExplainedScore } from '../../operations/explain-score.ts';
import type { ExplainedEvent, ExplainedGroup, ExplainedRule } from '../../scoring/read-explanation.ts';
import { formatCount, oneLine } from './format.ts';
import { formatInstant } from './format-instant.ts';
import type { Painter } from './painter.ts';

interface View {
  /** The project's: events stand under the day that they count for. */
  readonly timeZone: string;
  readonly paint: Painter;
}

/** A sum as one would write it by hand: the rules of each group, what its limits let through, then base, range, score. */
export function renderExplanation(explained: ExplainedScore, view: View): string {
  const { model, entity, key, score, tier, asOf } = explained;
  const { paint, timeZone } = view;
  const when = `as of ${formatInstant(asOf, timeZone)} ${timeZone}`;
  const title = `${entity} ${paint.strong(oneLine(key, 60))}: ${model} ${paint.strong(points(score))}${tier === null ? '' : `, ${tier}`}   ${paint.dim(when)}`;
  const ungrouped = explained.rules.filter((rule) => rule.group === undefined);
  const lines = [
    ...explained.groups.flatMap((group) => [
      ...explained.rules.filter((rule) => rule.group === group.name).flatMap((rule) => ruleLines(rule, view, 2)),
      sumLine(paint.strong(group.name), group.points, groupNote(group), paint),
      '',
    ]),
    ...ungrouped.flatMap((rule) => ruleLines(rule, view, 0)),
    ...(explained.base === 0 ? [] : [sumLine('base', explained.base, '', paint)]),
    sumLine(paint.strong('score'), score, scoreNote(explained), paint),
  ];
  const silent = explained.rules.filter((rule) => !isShown(rule)).map((rule) => rule.label);
  const footer = silent.length === 0 ? [] : ['', ...wrapped(`No points from: ${silent.join(', ')}`).map(paint.dim)];
  return [title, '', ...lines, ...footer].join('\n');
}

/** Breaks at the blanks, so that no word is cut by the terminal's edge. */
function wrapped(text: string): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line === undefined || line.length + word.length >= 98) lines.push(`  ${word}`);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}

/** Rules that gave nothing and would have given nothing stand in one line at the end. */
function isShown(rule: ExplainedRule): boolean {
  return rule.points !== 0 || rule.beforeLimit !== 0;
}

function ruleLines(rule: ExplainedRule, view: View, indent: number): string[] {
  if (!isShown(rule)) return [];
  const cut =
    points(rule.beforeLimit) === points(rule.points)
      ? ''
      : `${points(rule.beforeLimit)} before the limit of ${points(rule.limit ?? 0)}`;
  const label = `${' '.repeat(indent)}${rule.label}`;
  return [sumLine(label, rule.points, cut, view.paint), ...eventLines(rule, indent + 2, view)];
}

function eventLines({ events, kind }: ExplainedRule, indent: number, { paint, timeZone }: View): string[] {
  if (events === null || kind === 'absence') return [];
  const margin = ' '.repeat(indent + 2);
  const lines = events.shown.map((event) => `${margin}${paint.dim(describeEvent(event, timeZone))}`);
  const more = events.count - events.shown.length;
  return more > 0 ? [...lines, `${margin}${paint.dim(`and ${formatCount(more)} older`)}`] : lines;
}

function describeEvent({ relation, at, points: full, pointsLeft, counts }: ExplainedEvent, timeZone: string): string {
  const when = `${formatInstant(at, timeZone)}  ${relation}`;
  if (!counts) return `${when}  does not count`;
  return pointsLeft === full ? `${when}  ${signed(full)}` : `${when}  ${signed(full)}, ${signed(pointsLeft)} left`;
}

function groupNote({ beforeLimits, points: after, min, max }: ExplainedGroup): string {
  if (points(beforeLimits) === points(after)) return '';
  const limit = after < beforeLimits ? `at most ${points(max ?? 0)}` : `at least ${points(min ?? 0)}`;
  return `${points(beforeLimits)} before the group's limit, ${limit}`;
}

function scoreNote({ total, score, range, round }: ExplainedScore): string {
  // A difference that the figures shown do not have would only puzzle.
  if (points(total) === points(score)) return '';
  const outside = range !== null && (total < range.min || total > range.max);
  if (outside) return `${points(total)} before the range ${points(range.min)} to ${points(range.max)}`;
  return `${points(total)} before rounding${round === 'none' ? '' : ` to ${round}`}`;
}

function sumLine(label: string, value: number, note: string, paint: Painter): string {
  const width = 52 + (label.length - stripVTControlCharacters(label).length);
  return `  ${label.padEnd(width)} ${signed(value).padStart(10)}${note && paint.dim(`   ${note}`)}`;
}

function points(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 2 });
}

function signed(value: number): string {
  return value > 0 ? `+${points(value)}` : points(value);
}
