import { sql } from 'kysely';
import { disqualifiedTier } from '../project/scored-model.ts';
import type { Fragment } from '../sql/types.ts';
import type { ScoredCard } from './card.ts';
import { name, textLiteral } from './literals.ts';
import type { StepOptions } from './score-steps.ts';
import { column, type Step } from './select-text.ts';
import type { ScoringContext } from './types.ts';

export interface HistoryOptions extends StepOptions {
  readonly context: ScoringContext;
  /** Of the model itself: history of other versions says nothing about its tiers. */
  readonly modelVersion: string;
}

/** The rows of a model's history before this instant, numbered. */
export function lastHistory(card: ScoredCard, { context, dialect, stepName }: HistoryOptions): Step {
  const asOf = dialect.bind({ kind: 'timestamp' }, context.asOf.instant);
  const recency = sql`row_number() over (partition by history.${sql.id('key')} order by history.as_of desc)`;
  const columns = ['key', 'tier', 'segment', 'model_version', 'cause'].map((each) => sql`history.${sql.id(each)}`);
  return {
    name: stepName('last_history'),
    comment: `The rows of history before this instant, the last one of each ${card.entity} with recency 1.`,
    select: {
      columns: [...columns, column(recency, 'recency')],
      from: sql`${context.history} as history`,
      where: [sql`history.model = ${textLiteral(card.name, dialect)}`, sql`history.as_of < ${asOf}`],
    },
  };
}

/**
 * Whether a row of `lastHistory` says what tier an entity had: the last one, of this version, and neither set by hand nor
 * disqualified. Thresholds are a part of the model's version, and of the segment where it has its own.
 * @param current the step that is joined
 */
export function historyCounts(card: ScoredCard, history: string, current: string, options: HistoryOptions): Fragment {
  const { dialect, modelVersion } = options;
  const last = name(history);
  const conditions = [
    sql`${last}.${sql.id('key')} = cast(${name(current)}.entity_key as ${dialect.type({ kind: 'text' })})`,
    sql`${last}.recency = 1`,
    sql`${last}.model_version = ${textLiteral(modelVersion, dialect)}`,
    sql`${last}.cause <> 'override'`,
    sql`${last}.tier <> ${textLiteral(disqualifiedTier, dialect)}`,
  ];
  const hasOwnThresholds = card.segments.some(({ tiers }) => Object.keys(tiers).length > 0);
  if (hasOwnThresholds) conditions.push(sql`${last}.segment is not distinct from ${name(current)}.in_segment`);
  return sql.join(conditions, sql.raw('\n    and '));
}
