import { sql } from 'kysely';
import type { ScorecardModel } from '../project/types.ts';
import { fingerprintOfCard } from './fingerprint.ts';
import { name, textLiteral } from './literals.ts';
import { planScans } from './plan-scans.ts';
import { readCard } from './read-card.ts';
import { reasonSteps, reasonsText } from './reasons.ts';
import { ruleSums } from './rule-sums.ts';
import { pointsColumn, scoreColumns } from './score-columns.ts';
import { scoreSteps, tier } from './score-steps.ts';
import { column, statement } from './select-text.ts';
import { stepNamer } from './step-namer.ts';
import type { CompiledScorecard, ScoringContext } from './types.ts';

/**
 * A scorecard as one SELECT with a row per entity, reading each relation of events once. Columns: the entity's key, score,
 * tier, segment, points__<rule> for each rule, reasons, as_of, model_version. Problems go to `context.report`, and the
 * result is usable only if there were none.
 */
export function compileScorecard(model: ScorecardModel, context: ScoringContext): CompiledScorecard {
  const { dialect, asOf } = context;
  const { card, refs } = readCard(model, context);
  const modelVersion = fingerprintOfCard(card, refs, context);
  const stepName = stepNamer(card);
  const sums = ruleSums(card, planScans(card), { context, stepName });
  const scores = scoreSteps(card, sums.at(-1)?.name ?? '', { dialect, stepName });
  const reasons = reasonSteps(card, scores.at(-1)?.name ?? '', { dialect, stepName });
  const select = statement(
    `One row per ${card.key}: score, tier and reasons of the scorecard ${card.name}, for each ${card.entity}.`,
    [...sums, ...scores, ...reasons],
    {
      columns: [
        sql`entity_key as ${sql.id(card.key)}`,
        name('score'),
        column(tier(card, dialect), 'tier'),
        column(sql`cast(null as ${dialect.type({ kind: 'text' })})`, 'segment'),
        ...card.rules.map((rule) => name(pointsColumn(rule.id))),
        column(reasonsText(card, dialect), 'reasons'),
        column(dialect.bind({ kind: 'timestamp' }, asOf.instant), 'as_of'),
        column(textLiteral(modelVersion, dialect), 'model_version'),
      ],
      from: name(reasons.at(-1)?.name ?? ''),
    },
  );
  return { select, columns: [card.key, ...scoreColumns(card.rules)], refs, modelVersion };
}
