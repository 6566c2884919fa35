import { disqualifiedTier } from '../project/scored-model.ts';
import { addUp } from '../scoring/add-up.ts';
import {
  type CombinedInput,
  type CombineFacts,
  type CombineQuery,
  combinedTotals,
} from '../scoring/explain-combine.ts';
import { cheapest, type NextTier, tierAbove, type WayUp, waysBy } from '../scoring/next-tier.ts';
import { readCard } from '../scoring/read-card.ts';
import type { Explanation } from '../scoring/read-explanation.ts';
import { countOf } from '../state/row-values.ts';
import type { Warehouse } from '../warehouse/port.ts';
import { scoringContext } from './scoring-context.ts';
import type { CompiledProject } from './types.ts';

export interface CombineWaysRequest {
  readonly compiled: CompiledProject;
  readonly query: CombineQuery;
  readonly facts: CombineFacts;
  readonly inputs: readonly WayInput[];
  readonly warehouse: Warehouse;
  readonly signal?: AbortSignal;
}

interface WayInput extends Pick<CombinedInput, 'name' | 'model' | 'score'> {
  readonly explanation: Explanation | { readonly kind: 'combine' } | null;
}

/**
 * Which single rule of an input would lead a combination to its next tier. The warehouse says what the expression makes of
 * the input's other score, for all rules in one round trip; none where no tier is above or no input is a scorecard.
 */
export async function combineWays(request: CombineWaysRequest): Promise<NextTier | null> {
  const { compiled, query, facts, inputs, warehouse, signal } = request;
  const above = tierAbove(facts);
  if (above === null) return null;
  const ways = inputs.flatMap((input) => waysOfInput(input, compiled));
  if (ways.length === 0) return { ...above, ways: [] };
  const scores = ways.map(
    (way) => new Map(inputs.map(({ name, score }) => [name, name === way.input ? way.score : score])),
  );
  const context = scoringContext(compiled, query.model);
  const rows = await warehouse.query(warehouse.dialect.compile(combinedTotals(query, scores, context)), {
    signal,
    purpose: `explain ${query.model.name}`,
    origin: { file: query.model.file.path, line: 1 },
  });
  const { range, round } = query.card;
  const combined = rows
    .map((row) => ({ way: countOf(row, 'way'), total: Number(row.total) }))
    .toSorted((a, b) => a.way - b.way)
    .flatMap(({ way, total }): readonly WayUp[] => {
      const score = addUp({ base: total, groups: [], rules: [], range, round }, () => 0);
      const found = ways[way];
      return found !== undefined && score >= above.from ? [{ ...found, score }] : [];
    });
  const firsts = Map.groupBy(combined, ({ input, rule }) => JSON.stringify([input, rule]));
  return { ...above, ways: cheapest([...firsts.values()].flatMap((ofRule) => ofRule.slice(0, 1))) };
}

/** By each of its rules, the fewest events first. A score that was set by hand does not move by rules. */
function waysOfInput({ name, model, explanation }: WayInput, compiled: CompiledProject): readonly WayUp[] {
  const input = compiled.project.models.get(model);
  if (explanation?.kind !== 'scorecard' || input?.kind !== 'scorecard') return [];
  if (explanation.override !== null || explanation.tier === disqualifiedTier) return [];
  const { card } = readCard(input, scoringContext(compiled, input));
  return explanation.rules.flatMap((line) => waysBy(line, card, explanation).map((way) => ({ ...way, input: name })));
}
