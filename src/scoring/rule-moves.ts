import { bandsOf, type CardAbsenceRule, type CardEventRule, type CardRule, sqlPointsOf } from './card.ts';
import type { ExplainedRule } from './explained-rule.ts';

/** One thing that may happen to a rule, whatever happens to the others, and what it gives then. */
export interface RuleMove {
  /** `more`: further events now. `end`: a penalty ends. `hold`: what the rule asks of the entity becomes true. */
  readonly kind: 'more' | 'end' | 'hold';
  /** How many further events; 1 for the other kinds. */
  readonly times: number;
  /** The rule's points then, within its limit. */
  readonly points: number;
  /** Where SQL gives the points of an event: of which event the further ones are like (ISO, UTC). */
  readonly like?: string;
  /** Where each value counts once: further events are of other values. */
  readonly isOther?: true;
}

/** Nobody waits for more. */
const mostFurtherEvents = 10;

/**
 * What would give an entity more points by this rule, the fewest events first. Further events are such as would happen at
 * `as_of`, so that nothing of them has faded. Values and roll-ups move by what no event here says, and are left out.
 * @param rule as it is in the entity's segment
 */
export function movesOf(rule: CardRule, line: ExplainedRule): readonly RuleMove[] {
  switch (rule.kind) {
    case 'event':
      return [...furtherEvents(rule, line), ...endOf(rule, line)].filter(({ points }) => points > line.points);
    case 'absence':
      return endOf(rule, line);
    case 'attribute': {
      const gains = typeof rule.points === 'number' && rule.points > 0 && line.found !== 'true';
      return gains ? [{ kind: 'hold', times: 1, points: limited(rule, Number(rule.points)) }] : [];
    }
    case 'numeric':
    case 'rollup':
      return [];
    default:
      return rule satisfies never;
  }
}

/** Any event ends a silence; only what `recover` names ends other penalties. */
function endOf(rule: CardEventRule | CardAbsenceRule, line: ExplainedRule): readonly RuleMove[] {
  const mayEnd = rule.kind === 'absence' || rule.recover !== undefined;
  return mayEnd && line.points < 0 ? [{ kind: 'end', times: 1, points: 0 }] : [];
}

function furtherEvents(rule: CardEventRule, line: ExplainedRule): readonly RuleMove[] {
  // An event must be older than now to count.
  if (rule.from !== undefined) return [];
  const today = line.events?.takenToday ?? 0;
  const most = Math.min(mostFurtherEvents, (rule.maxPerDay ?? Number.POSITIVE_INFINITY) - today);
  const worth = worthOf(rule, line);
  const numbers = Array.from({ length: Math.max(0, most) }, (_, index) => index + 1);
  return numbers.flatMap((times): readonly RuleMove[] => {
    const sum = sumWith(rule, line, { times, worth: worth?.points });
    if (sum === null) return [];
    const move: RuleMove = { kind: 'more', times, points: limited(rule, bent(rule, sum)) };
    const alike = worth?.like === undefined ? move : { ...move, like: worth.like };
    return [rule.count.kind === 'distinct' ? { ...alike, isOther: true } : alike];
  });
}

interface Worth {
  readonly points: number;
  readonly like?: string;
}

/** Of one further event; undefined where nothing says it. */
function worthOf(rule: CardEventRule, { events }: ExplainedRule): Worth | undefined {
  if (typeof rule.points === 'number') return { points: rule.points };
  if (sqlPointsOf(rule) === null) return undefined;
  const newest = events?.shown.find(({ counts, points }) => counts && points > 0);
  return newest === undefined ? undefined : { points: newest.points, like: newest.at };
}

/** The rule's sum before its curve with so many further events; null where they are worth nobody knows what. */
function sumWith(
  rule: CardEventRule,
  line: ExplainedRule,
  { times, worth }: { readonly times: number; readonly worth: number | undefined },
): number | null {
  const bands = bandsOf(rule);
  if (bands !== null) return bands.find(({ atLeast }) => Number(line.found) + times >= atLeast)?.points ?? 0;
  if (worth === undefined) return null;
  const sum = line.beforeCurve ?? line.beforeLimit;
  if (rule.count.kind === 'once') return times === 1 ? Math.max(sum, worth) : null;
  return sum + times * worth;
}

function bent({ curve, limit = 0 }: CardRule, sum: number): number {
  if (curve === undefined) return sum;
  switch (curve.kind) {
    case 'log':
      return curve.factor * Math.sign(sum) * Math.log1p(Math.abs(sum));
    case 'half_at':
      return (limit * sum) / (Math.abs(sum) + curve.at);
    default:
      return curve satisfies never;
  }
}

function limited({ limit = Number.POSITIVE_INFINITY }: CardRule, points: number): number {
  return Math.max(-limit, Math.min(limit, points));
}
