import { createHash } from 'node:crypto';
import type { Card, ScoredCard } from './card.ts';
import type { ScoringContext } from './types.ts';

/** Twelve hexadecimal digits of plain data, whatever the order of its keys. */
export function fingerprint(data: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(inOrder(data)))
    .digest('hex')
    .slice(0, 12);
}

/**
 * Of everything that can change a score or a tier: rules with their values of parameters, limits, tiers, the time zone,
 * and the models read. Not of `as_of`, schemas, labels and descriptions, nor of the order of rules.
 */
export function fingerprintOfCard(card: Card, refs: ReadonlySet<string>, context: ScoringContext): string {
  const rules = card.rules.map(({ label: _, words: __, link: ___, variants, ...rule }) => {
    const ofSegments = variants?.map(({ segment, rule: { words: _words, link: _link, ...variant } }) => ({
      segment,
      rule: variant,
    }));
    return { ...rule, variants: ofSegments };
  });
  return fingerprintOfScored(
    {
      ...card,
      maxReasonsLength: undefined,
      incremental: undefined,
      rules: Object.fromEntries(rules.map((rule) => [rule.id, rule])),
      groups: Object.fromEntries(card.groups.map((group) => [group.name, group])),
    },
    refs,
    context,
  );
}

type ScoredParts = Pick<ScoredCard, 'segments' | 'gates' | 'overrides'>;

/** What a model does not have leaves no trace, so that its fingerprint outlives a version that learns something new. */
export function fingerprintOfScored<C extends ScoredParts>(
  card: C,
  refs: ReadonlySet<string>,
  context: ScoringContext,
): string {
  const { segments, gates, overrides } = card;
  return fingerprint({
    ...card,
    name: undefined,
    segments: segments.length === 0 ? undefined : segments,
    gates: gates.length === 0 ? undefined : gates.map(({ id, when }) => ({ id, when })),
    overrides: overrides ?? undefined,
    timezone: context.project.timezone,
    models: Object.fromEntries([...refs].map((ref) => [ref, context.modelVersions.get(ref) ?? ''])),
  });
}

/** SQL stands for itself by its meaning. JSON leaves undefined members out, and keeps the order of the others. */
function inOrder(data: unknown): unknown {
  if (Array.isArray(data)) return data.map(inOrder);
  if (typeof data !== 'object' || data === null) return data;
  if ('meaning' in data) return inOrder(data.meaning);
  const entries = Object.entries(data).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, value]) => [key, inOrder(value)]));
}
