import { sql } from 'kysely';
import { Temporal } from 'temporal-polyfill';
import { calendarDay } from '../project/instant.ts';
import type { ScorecardModel } from '../project/model-types.ts';
import { disqualifiedTier } from '../project/scored-model.ts';
import type { ExplainedTier, ExplainedVerdict } from '../scoring/explain-verdict.ts';
import { scoreOfOne } from '../scoring/score-of-one.ts';
import type { AsOf } from '../sql/types.ts';
import { countOf } from '../state/row-values.ts';
import type { Warehouse } from '../warehouse/port.ts';
import { inlineExpressions, withExpressions } from './inline-models.ts';
import { scoringContext } from './scoring-context.ts';
import type { CompiledProject } from './types.ts';

/** What time alone makes of a tier. */
export interface ForeseenTier {
  /** Null for none. */
  readonly tier: string | null;
  readonly score: number;
  readonly inDays: number;
  /** ISO, UTC: by then. */
  readonly by: string;
}

export interface ForeseeTierRequest {
  readonly compiled: CompiledProject;
  readonly model: ScorecardModel;
  readonly key: string;
  /** Now. */
  readonly verdict: ExplainedVerdict;
  readonly warehouse: Warehouse;
  readonly signal?: AbortSignal;
}

/** Each day of a week, then wider steps: whoever asks wants to know whether it is soon. */
const daysAhead = [1, 2, 3, 4, 5, 6, 7, 10, 14, 21, 28] as const;

/**
 * The first other tier within four weeks in which nothing happens: points fade and leave their windows, silences begin,
 * penalties run out. One round trip that computes the score for a few days ahead, from the events that are there now.
 * @returns null where the tier stays, where points do not decide it, and where it depends on the scores of others
 */
export async function foreseeTier(request: ForeseeTierRequest): Promise<ForeseenTier | null> {
  const { compiled, model, verdict, warehouse, signal } = request;
  if (!isForeseeable(model, verdict)) return null;
  const days = daysAhead.map((inDays) => ({ inDays, asOf: daysLater(compiled, inDays) }));
  const scores = days.map(({ inDays, asOf }) => {
    const context = { ...scoringContext({ ...compiled, asOf }, model), knownBy: compiled.asOf };
    return sql`select ${sql.lit(inDays)} as in_days, later.score from (\n${scoreOfOne(model, context, request.key)}\n) as later`;
  });
  const inline = inlineExpressions(compiled.models, compiled.models.get(model.name)?.refs ?? []);
  const select = withExpressions(inline, sql.join(scores, sql.raw('\nunion all\n')), 'scores_ahead');
  const rows = await warehouse.query(warehouse.dialect.compile(select), {
    signal,
    purpose: `look ahead for ${model.name}`,
    origin: { file: model.file.path, line: 1 },
  });
  const scoreIn = new Map(rows.map((row) => [countOf(row, 'in_days'), Number(row.score)]));
  for (const { inDays, asOf } of days) {
    const score = scoreIn.get(inDays);
    const tier = score === undefined ? verdict.tier : tierOf(score, verdict);
    if (score !== undefined && tier !== verdict.tier) return { tier, score, inDays, by: asOf.instant };
  }
  return null;
}

function isForeseeable({ rules }: ScorecardModel, { tier, tiers, override, rank }: ExplainedVerdict): boolean {
  const depends = rules.some(({ kind }) => kind === 'event' || kind === 'absence');
  return depends && tiers.length > 0 && tier !== disqualifiedTier && override === null && rank === null;
}

/** The same time of a later day, where the project is. */
function daysLater({ asOf, project: { timezone } }: CompiledProject, days: number): AsOf {
  const later = Temporal.Instant.from(asOf.instant).toZonedDateTimeISO(timezone).add({ days });
  const instant = new Date(later.epochMilliseconds).toISOString();
  return { instant, day: calendarDay(instant, timezone) };
}

/** Of a later score, by which time the present tier is the one before. */
function tierOf(score: number, { tier: present, tiers, hysteresis }: ExplainedVerdict): string | null {
  const rankOf = (name: string | null) => tiers.findIndex((tier) => tier.name === name);
  const takes = ({ name, at }: ExplainedTier) => {
    const hadIt = present !== null && rankOf(present) <= rankOf(name);
    return at === null ? Number.NEGATIVE_INFINITY : at - (hadIt ? (hysteresis ?? 0) : 0);
  };
  return tiers.find((tier) => score >= Number(takes(tier).toFixed(6)))?.name ?? null;
}
