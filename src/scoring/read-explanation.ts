import { rulePointsColumn } from '../project/scorecard-columns.ts';
import type { CardRule } from './card.ts';
import type { ExplainQueries } from './explain-scorecard.ts';
import { groupColumn, usedGroups } from './score-steps.ts';

/** Why a score is what it is. The lines add up: base + groups + rules without a group = total, which range and rounding turn into the score. */
export interface Explanation {
  readonly score: number;
  readonly tier: string | null;
  readonly reasons: string;
  readonly base: number;
  readonly rules: readonly ExplainedRule[];
  readonly groups: readonly ExplainedGroup[];
  /** Before range and rounding. */
  readonly total: number;
  readonly range: { readonly min: number; readonly max: number } | null;
  readonly round: number | 'none';
}

export interface ExplainedRule {
  readonly id: string;
  readonly label: string;
  readonly kind: CardRule['kind'];
  readonly group?: string;
  readonly beforeLimit: number;
  readonly limit?: number;
  /** After the limit: the column `points__<id>`. */
  readonly points: number;
  /**
   * What decided the rule, as text: the value of its predicate (`true`, `false`) or of its expression, or how many events
   * an absence rule found. Null where the value is null, and for event rules.
   */
  readonly found: string | null;
  /** Of event and absence rules, those that fulfil `where`. */
  readonly events: ExplainedEvents | null;
}

export interface ExplainedEvents {
  /** All that were read, the shown ones among them; events older than all windows of the card are not read. */
  readonly count: number;
  /** Newest first. */
  readonly shown: readonly ExplainedEvent[];
}

export interface ExplainedEvent {
  /** A word for the relation that it stands in, such as `logins`. */
  readonly relation: string;
  /** ISO, UTC. */
  readonly at: string;
  readonly points: number;
  /** What is left after decay; 0 for an event that does not count. */
  readonly pointsLeft: number;
  /** False for events outside the window, beyond `max_per_day`, and beside the best one of `once` or `distinct`. */
  readonly counts: boolean;
}

export interface ExplainedGroup {
  readonly name: string;
  readonly beforeLimits: number;
  readonly min?: number;
  readonly max?: number;
  readonly points: number;
}

type ResultRow = Readonly<Record<string, unknown>>;

/** @param sum the row of the query `sum`; `events` the rows of the query `events`, none where it is null */
export function readExplanation({ card }: ExplainQueries, sum: ResultRow, events: readonly ResultRow[]): Explanation {
  const number = (column: string) => Number(sum[column]);
  const byRule = Map.groupBy(events, (row) => row.rule);
  return {
    score: number('score'),
    tier: textOf(sum.tier),
    reasons: textOf(sum.reasons) ?? '',
    base: card.base,
    rules: card.rules.map((rule): ExplainedRule => {
      const { id, label, kind, group, limit } = rule;
      const found = kind === 'event' ? null : textOf(sum[`found__${id}`]);
      const counted = kind === 'event' || kind === 'absence' ? readEvents(byRule.get(id) ?? []) : null;
      const points = number(rulePointsColumn(id));
      return {
        id,
        label,
        kind,
        group,
        beforeLimit: number(`before_limit__${id}`),
        limit,
        points,
        found,
        events: counted,
      };
    }),
    groups: usedGroups(card).map((group) => {
      const column = groupColumn(group);
      return { ...group, beforeLimits: number(`before_${column}`), points: number(column) };
    }),
    total: number('total'),
    range: card.range,
    round: card.round,
  };
}

/** An absence rule may read several relations; each row says how many events its own has. */
function readEvents(rows: readonly ResultRow[]): ExplainedEvents {
  const counts = new Map(rows.map((row) => [row.relation, Number(row.events)]));
  const shown = rows.map((row) => ({
    relation: String(row.relation),
    at: String(row.event_at),
    points: Number(row.points),
    pointsLeft: Number(row.points_left),
    counts: row.counts === true,
  }));
  return { count: [...counts.values()].reduce((sum, count) => sum + count, 0), shown };
}

function textOf(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}
