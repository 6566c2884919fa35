import { createHash } from 'node:crypto';
import type { Card } from './card.ts';
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
  const rules = card.rules.map(({ label: _, ...rule }) => rule);
  return fingerprint({
    ...card,
    name: undefined,
    rules: Object.fromEntries(rules.map((rule) => [rule.id, rule])),
    groups: Object.fromEntries(card.groups.map((group) => [group.name, group])),
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
