import { sql } from 'kysely';
import { rulePointsColumn } from '../project/scorecard-columns.ts';
import type { Fragment } from '../sql/types.ts';
import type { ScoredCard } from './card.ts';
import { name, textLiteral } from './literals.ts';
import { column, lastName, type Step, statement } from './select-text.ts';
import type { CompiledScorecard, ScoringContext } from './types.ts';
import type { Verdict } from './verdict.ts';

export interface ScoredStatement {
  readonly card: ScoredCard;
  /** What the model is, for the comment: `scorecard` or `combination`. */
  readonly kind: string;
  readonly steps: readonly Step[];
  readonly verdict: Verdict;
  /** What `points__` goes on with: the last step has these columns. */
  readonly points: readonly string[];
  readonly reasons: Fragment;
  readonly extras?: Verdict['extras'];
  readonly modelVersion: string;
}

/**
 * The SELECT of a scored model and its columns, the same for every kind: the entity's key, score, tier, segment,
 * points__<id> for each rule or input, reasons, as_of, model_version, and then what only some models have.
 */
export function scoredStatement(
  { card, kind, steps, verdict, points, reasons, extras = [], modelVersion }: ScoredStatement,
  { dialect, asOf }: ScoringContext,
): Pick<CompiledScorecard, 'select' | 'columns'> {
  const text = dialect.type({ kind: 'text' });
  const named: readonly { readonly name: string; readonly value?: Fragment }[] = [
    { name: 'score', value: verdict.score },
    { name: 'tier', value: verdict.tier },
    { name: 'segment', value: card.segments.length === 0 ? sql`cast(null as ${text})` : name('in_segment') },
    ...points.map((id) => ({ name: rulePointsColumn(id) })),
    { name: 'reasons', value: reasons },
    { name: 'as_of', value: dialect.bind({ kind: 'timestamp' }, asOf.instant) },
    { name: 'model_version', value: textLiteral(modelVersion, dialect) },
    ...extras,
    ...verdict.extras,
  ];
  const select = statement(
    `One row per ${card.key}: score, tier and reasons of the ${kind} ${card.name}, for each ${card.entity}.`,
    steps,
    {
      columns: [
        sql`entity_key as ${sql.id(card.key)}`,
        ...named.map((each) => (each.value === undefined ? name(each.name) : column(each.value, each.name))),
      ],
      from: name(lastName(steps)),
    },
  );
  return { select, columns: [card.key, ...named.map((each) => each.name)] };
}
