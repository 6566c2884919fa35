import type { ExplainedEvent } from '../../scoring/explain-events.ts';
import type { ExplainedMember } from '../../scoring/explain-members.ts';
import type { ExplainedRule } from '../../scoring/explained-rule.ts';
import type { ExplainedGroup, Explanation } from '../../scoring/read-explanation.ts';
import { formatCount, oneLine } from './format.ts';
import { formatInstant } from './format-instant.ts';
import type { Painter } from './painter.ts';
import { points, signed, sumLine } from './sum-line.ts';
import { wrapped } from './wrapped.ts';

export interface ExplanationView {
  /** The project's: events stand under the day that they count for. */
  readonly timeZone: string;
  readonly paint: Painter;
}

/** The sum of a scorecard up to its score: the rules of each group, what its limits let through, the others, base. */
export function cardLines({ rules, groups, base }: Explanation, view: ExplanationView): readonly string[] {
  const ungrouped = rules.filter((rule) => rule.group === undefined);
  return [
    ...groups.flatMap((group) => {
      const members = rules.filter((rule) => rule.group === group.name).flatMap((rule) => ruleLines(rule, view, 2));
      if (members.length === 0 && group.points === 0) return [];
      return [...members, sumLine(view.paint.strong(group.name), group.points, groupNote(group), view.paint), ''];
    }),
    ...ungrouped.flatMap((rule) => ruleLines(rule, view, 0)),
    ...(base === 0 ? [] : [sumLine('base', base, '', view.paint)]),
  ];
}

/** Rules that gave nothing, in one line for all; none where every rule gave something. */
export function silentLines({ rules }: Explanation, { paint }: ExplanationView): readonly string[] {
  const silent = rules.filter((rule) => !isShown(rule)).map((rule) => rule.label);
  return silent.length === 0 ? [] : wrapped(`No points from: ${silent.join(', ')}`).map(paint.dim);
}

/** Rules that gave nothing and would have given nothing stand in one line at the end. */
function isShown(rule: ExplainedRule): boolean {
  return rule.points !== 0 || rule.beforeLimit !== 0;
}

function ruleLines(rule: ExplainedRule, view: ExplanationView, indent: number): string[] {
  if (!isShown(rule)) return [];
  const label = `${' '.repeat(indent)}${rule.label}`;
  return [
    sumLine(label, rule.points, ruleNote(rule, view.timeZone), view.paint),
    ...eventLines(rule, indent + 2, view),
    ...memberLines(rule, indent + 2, view),
  ];
}

/** What came between the events and the points. */
function ruleNote(rule: ExplainedRule, timeZone: string): string {
  const { kind, found, events, beforeCurve, beforeLimit, points: after, limit } = rule;
  const notes: string[] = [];
  if (kind === 'event' && found !== null) notes.push(`${found} count${found === '1' ? 's' : ''}`);
  if (kind === 'absence' && Number(found) > 1) notes.push(`${found} times`);
  const [last] = events?.shown ?? [];
  if (kind === 'absence' && last !== undefined) notes.push(`last on ${formatInstant(last.at, timeZone).slice(0, 10)}`);
  if (kind === 'numeric' || kind === 'rollup') notes.push(`value ${points(Number(found))}`);
  if (beforeCurve !== undefined) notes.push(`${points(beforeCurve)} before the curve`);
  if (points(beforeLimit) !== points(after)) {
    notes.push(`${points(beforeLimit)} before the limit of ${points(limit ?? 0)}`);
  }
  return notes.join(', ');
}

function eventLines({ events, kind }: ExplainedRule, indent: number, { paint, timeZone }: ExplanationView): string[] {
  if (events === null || kind === 'absence') return [];
  const margin = ' '.repeat(indent + 2);
  const lines = events.shown.map((event) => `${margin}${paint.dim(describeEvent(event, timeZone))}`);
  const more = events.count - events.shown.length;
  return more > 0 ? [...lines, `${margin}${paint.dim(`and ${formatCount(more)} older`)}`] : lines;
}

function memberLines({ members }: ExplainedRule, indent: number, { paint }: ExplanationView): string[] {
  if (members === null) return [];
  const margin = ' '.repeat(indent + 2);
  const lines = members.shown.map((member) => `${margin}${paint.dim(describeMember(member))}`);
  const more = members.count - members.shown.length;
  return more > 0 ? [...lines, `${margin}${paint.dim(`and ${formatCount(more)} more`)}`] : lines;
}

function describeMember({ key, score, weight, counts }: ExplainedMember): string {
  const who = `${oneLine(key, 40)}  score ${points(score)}`;
  if (!counts) return `${who}  does not count`;
  return weight === 1 ? who : `${who}, weight ${points(weight)}`;
}

function describeEvent(event: ExplainedEvent, timeZone: string): string {
  const { relation, at, value, link } = event;
  const what = value === null ? relation : `${relation} ${oneLine(value, 40)}`;
  const line = `${formatInstant(at, timeZone)}  ${what}  ${worthInWords(event)}`;
  // Never cut: a part of a link leads nowhere.
  return link === null ? line : `${line}  ${oneLine(link)}`;
}

function worthInWords({ points: full, pointsLeft, counts }: ExplainedEvent): string {
  if (!counts) return 'does not count';
  // Where events are counted, each of them has no points of its own.
  if (full === 0) return 'counts';
  return pointsLeft === full ? signed(full) : `${signed(full)}, ${signed(pointsLeft)} left`;
}

function groupNote({ beforeLimits, points: after, min, max }: ExplainedGroup): string {
  if (points(beforeLimits) === points(after)) return '';
  const limit = after < beforeLimits ? `at most ${points(max ?? 0)}` : `at least ${points(min ?? 0)}`;
  return `${points(beforeLimits)} before the group's limit, ${limit}`;
}
