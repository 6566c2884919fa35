import type { AbsenceRule, Decay, EventRule, Points, Recovery, RollupRule, Rule } from '../../project/rule-types.ts';
import type { NumberSetting } from '../../project/setting-types.ts';
import { percent, type SettingWords, signed } from './setting-words.ts';

/** A line of a points table; SQL stands between backticks, and what a rule does not have is null. */
export interface DocumentedRule {
  readonly id: string;
  readonly label: string;
  readonly description: string | null;
  readonly looksAt: string;
  readonly points: string;
  readonly window: string | null;
  readonly decay: string | null;
  readonly limit: number | null;
  readonly group: string | null;
}

export function documentRule(rule: Rule, words: SettingWords): DocumentedRule {
  return {
    id: rule.id,
    label: rule.label,
    description: rule.description ?? null,
    looksAt: looksAt(rule, words),
    points: pointsOf(rule, words) + curveOf(rule, words),
    window: windowOf(rule, words),
    decay: rule.kind === 'event' && rule.decay !== undefined ? decayInWords(rule.decay, words) : null,
    limit: rule.limit === undefined ? null : words.number(rule.limit),
    group: rule.group ?? null,
  };
}

function looksAt(rule: Rule, words: SettingWords): string {
  switch (rule.kind) {
    case 'event':
      return `${counted(rule, words)}${where(rule, words)}${perDay(rule, words)}${until(rule.recover, words)}`;
    case 'attribute':
      return words.sql(rule.when);
    case 'absence': {
      const relations = rule.noEvents.map((template) => words.sql(template)).join(' or ');
      return `nothing in ${relations}${where(rule, words)}${until(rule.recover, words)}`;
    }
    case 'numeric':
      return `the value of ${words.sql(rule.value)}`;
    case 'rollup':
      return rolledUp(rule, words);
    default:
      return rule satisfies never;
  }
}

function counted({ events, count, session }: EventRule, words: SettingWords): string {
  const relation = words.sql(events);
  if (session !== undefined) {
    const { by, least } = session;
    const ends =
      by.kind === 'column' ? `by ${words.sql(by.column)}` : `ended by ${words.duration(by.gap)} without an event`;
    const isOfSize = least !== undefined && least.measure !== 'count';
    const size = isOfSize ? ` of at least ${words.number(least.atLeast)} ${least.measure}` : '';
    const [which, once] = count.kind === 'once' ? ['any session', ', once'] : ['each session', ''];
    return `${which}${size} in ${relation}, ${ends}${once}`;
  }
  switch (count.kind) {
    case 'each':
      return `each row of ${relation}`;
    case 'once':
      return `any row of ${relation}, once`;
    case 'distinct':
      return `each different ${words.sql(count.column)} in ${relation}`;
    default:
      return count satisfies never;
  }
}

function where(rule: { readonly where?: string }, words: SettingWords): string {
  return rule.where === undefined ? '' : `, where ${words.sql(rule.where)}`;
}

function perDay({ maxPerDay }: EventRule, words: SettingWords): string {
  return maxPerDay === undefined ? '' : `, at most ${words.number(maxPerDay)} a day`;
}

function until(recover: Recovery | undefined, words: SettingWords): string {
  return recover === undefined ? '' : `; made good by a later row of ${words.sql(recover.on)}${where(recover, words)}`;
}

function rolledUp(rule: RollupRule, words: SettingWords): string {
  const weight = rule.weight === undefined ? '' : `, weighted by ${words.sql(rule.weight)}`;
  const per = rule.per === undefined ? '' : `, divided by ${words.sql(rule.per)}`;
  return `${aggregated(rule, words)} \`${rule.rollup}\`${where(rule, words)}${weight}${per}`;
}

function aggregated({ agg }: RollupRule, words: SettingWords): string {
  switch (agg.kind) {
    case 'sum':
      return 'the sum of the scores in';
    case 'max':
      return 'the highest score in';
    case 'avg':
      return 'the mean score in';
    case 'count':
      return 'the number of rows of';
    case 'noisy_or':
      return 'the chance that any one converts, with scores as per cent, in';
    case 'top_avg':
      return `the mean of the ${agg.top} highest scores in`;
    case 'distinct':
      return `the number of different ${words.sql(agg.column)} in`;
    default:
      return agg satisfies never;
  }
}

function pointsOf(rule: Rule, words: SettingWords): string {
  const { points } = rule;
  if (typeof points === 'object' && 'bands' in points) {
    const bands = points.bands.map(({ atLeast, points: each }) => {
      return `${signed(words.number(each))} from ${words.number(atLeast)}`;
    });
    return `${bands.join(', ')}, once`;
  }
  const each = pointsInWords(points, words);
  if (rule.kind === 'numeric') return `${each} times it`;
  if (rule.kind === 'absence') return each + again(rule, words);
  if (rule.kind === 'attribute') return each;
  const fewest = rule.atLeast ?? (rule.kind === 'event' ? fewestSessions(rule) : undefined);
  if (fewest !== undefined) return `${each} once, from ${words.number(fewest)}`;
  return rule.kind === 'rollup' ? `${each} times it` : each;
}

export function pointsInWords(points: Points, words: SettingWords): string {
  return typeof points === 'object' && 'sql' in points ? words.sql(points.sql) : signed(words.number(points));
}

function fewestSessions({ session }: EventRule): NumberSetting | undefined {
  return session?.least?.measure === 'count' ? session.least.atLeast : undefined;
}

function again({ repeat }: AbsenceRule, words: SettingWords): string {
  return repeat === undefined ? '' : `, again for each ${words.duration(repeat)} more`;
}

function curveOf({ curve }: Rule, words: SettingWords): string {
  if (curve === undefined) return '';
  if (curve.kind === 'log') return `; a sum of x gives ${words.number(curve.factor)} × ln(1 + x)`;
  return `; a sum of ${words.number(curve.at)} gives half of the limit, and more comes nearer to it`;
}

function windowOf(rule: Rule, words: SettingWords): string | null {
  if (rule.kind === 'event' && rule.between !== undefined) {
    return `${words.duration(rule.between.from)} to ${words.duration(rule.between.to)} ago`;
  }
  return 'within' in rule && rule.within !== undefined ? words.duration(rule.within) : null;
}

export function decayInWords(decay: Decay, words: SettingWords): string {
  switch (decay.kind) {
    case 'half_life':
      return `half after each ${words.duration(decay.halfLife)}`;
    case 'linear':
      return `evenly to nothing in ${words.duration(decay.to)}`;
    case 'step':
      return `${percent(words.number(decay.by))} less after each ${words.duration(decay.every)}`;
    default:
      return decay satisfies never;
  }
}
