import { sql } from 'kysely';
import { rulePointsColumn } from '../project/scorecard-columns.ts';
import type { ScorecardModel } from '../project/types.ts';
import { cardSteps } from './card-steps.ts';
import { fingerprintOfCard } from './fingerprint.ts';
import { name, textLiteral } from './literals.ts';
import { readCard } from './read-card.ts';
import { reasonsText } from './reasons.ts';
import { tier } from './score-steps.ts';
import { column, lastName, statement } from './select-text.ts';
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
  const steps = cardSteps(card, context);
  const points = card.rules.map(({ id }) => rulePointsColumn(id));
  const select = statement(
    `One row per ${card.key}: score, tier and reasons of the scorecard ${card.name}, for each ${card.entity}.`,
    steps,
    {
      columns: [
        sql`entity_key as ${sql.id(card.key)}`,
        name('score'),
        column(tier(card, dialect), 'tier'),
        column(sql`cast(null as ${dialect.type({ kind: 'text' })})`, 'segment'),
        ...points.map(name),
        column(reasonsText(card, dialect), 'reasons'),
        column(dialect.bind({ kind: 'timestamp' }, asOf.instant), 'as_of'),
        column(textLiteral(modelVersion, dialect), 'model_version'),
      ],
      from: name(lastName(steps)),
    },
  );
  const columns = [card.key, 'score', 'tier', 'segment', ...points, 'reasons', 'as_of', 'model_version'];
  return { select, columns, refs, modelVersion };
}
