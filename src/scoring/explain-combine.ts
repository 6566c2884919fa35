import { sql } from 'kysely';
import type { CombineModel } from '../project/model-types.ts';
import { rulePointsColumn } from '../project/scorecard-columns.ts';
import type { Fragment } from '../sql/types.ts';
import { type CombineCard, readCombine } from './combine-card.ts';
import { combinedReasons, combineSteps, gradeOf, parentColumn, tierColumn } from './combine-steps.ts';
import { isKey } from './event-steps.ts';
import { type ExplainedVerdict, isRanked, readVerdict, textOf, verdictColumns } from './explain-verdict.ts';
import { fingerprintOfScored } from './fingerprint.ts';
import { name, pointsType } from './literals.ts';
import { column, lastName, statement } from './select-text.ts';
import type { ScoringContext } from './types.ts';

/** Why a combined score is what it is: `expression` over the inputs' scores gives `total`, then range and rounding. */
export interface CombineFacts extends ExplainedVerdict {
  readonly kind: 'combine';
  /** As the file has it. */
  readonly expression: string;
  /** Before range and rounding. */
  readonly total: number;
  readonly grade: string | null;
  readonly inputs: readonly CombinedInput[];
}

export interface CombinedInput {
  readonly name: string;
  readonly model: string;
  readonly entity: string;
  /** Of the input's entity; null where a person has no account, or an input no row. */
  readonly key: string | null;
  readonly score: number;
  readonly tier: string | null;
}

export interface CombineQuery {
  readonly card: CombineCard;
  readonly model: CombineModel;
  /** One row, or none where the entity is unknown. */
  readonly sum: Fragment;
}

/**
 * Explains one entity's combined score, from the same steps as the score itself. Problems go to `context.report`, and the
 * result is usable only if there were none.
 * @param key the entity's, as people type it
 */
export function explainCombine(model: CombineModel, context: ScoringContext, key: string): CombineQuery {
  const { dialect } = context;
  const { card, refs } = readCombine(model, context);
  const modelVersion = fingerprintOfScored(card, refs, context);
  const onlyKey = isRanked(card) ? undefined : key;
  const { steps, verdict } = combineSteps(card, { context, modelVersion, onlyKey });
  const text = dialect.type({ kind: 'text' });
  const inputs = card.inputs.flatMap((input) => [
    name(rulePointsColumn(input.name)),
    name(tierColumn(input.name)),
    ...(input.parentColumn === null
      ? []
      : [sql`cast(${name(parentColumn(input.name))} as ${text}) as ${name(parentColumn(input.name))}`]),
  ]);
  const grade = gradeOf(card, dialect);
  const from = lastName(steps);
  const sum = statement(`One row: what one ${card.entity}'s score is combined from.`, steps, {
    columns: [
      sql`cast(entity_key as ${text}) as entity_key`,
      ...inputs,
      name('total'),
      ...(grade === null ? [] : [column(grade, 'grade')]),
      ...verdictColumns(card, verdict, {
        reasons: combinedReasons(card, verdict, dialect),
        from,
        modelVersion,
        dialect,
      }),
    ],
    from: name(from),
    where: onlyKey === undefined ? [isKey(name('entity_key'), key, dialect)] : [],
  });
  return { card, model, sum };
}

export function readCombineFacts({ card, model }: CombineQuery, row: Readonly<Record<string, unknown>>): CombineFacts {
  return {
    kind: 'combine',
    ...readVerdict(card, row),
    expression: model.score.trim(),
    total: Number(row.total),
    grade: textOf(row.grade),
    inputs: card.inputs.map((input, index): CombinedInput => {
      const { name: called, entity, parentColumn: parent } = input;
      return {
        name: called,
        model: model.inputs[index]?.model ?? called,
        entity,
        key: textOf(parent === null ? row.entity_key : row[parentColumn(called)]),
        score: Number(row[rulePointsColumn(called)]),
        tier: textOf(row[tierColumn(called)]),
      };
    }),
  };
}

/** Column `total`, before range and rounding, for each of some other scores of the inputs (`way`, from 0), by the inputs' names. */
export function combinedTotals(
  { card }: CombineQuery,
  scores: readonly ReadonlyMap<string, number>[],
  { dialect }: ScoringContext,
): Fragment {
  const rows = scores.map((scoreOf, way) => {
    const inputs = card.inputs.map(({ name: input }) => {
      const value = dialect.bind(pointsType, (scoreOf.get(input) ?? 0).toFixed(6));
      return sql`${value} as ${sql.id(input)}`;
    });
    return sql`select ${sql.lit(way)} as way, ${sql.join(inputs)}`;
  });
  const all = sql.join(rows, sql.raw('\n  union all '));
  return sql`select way, coalesce(${dialect.roundTo(card.expression.fragment, 18, 6)}, 0) as total\nfrom (\n  ${all}\n) as inputs`;
}
