import { sourceOfColumn } from '../project/sync-columns.ts';
import type { Model, Rule, Sync, SyncProperty } from '../project/types.ts';

/** HubSpot shows a few lines; a longer text hides what matters. */
const maxLength = 1000;
const maxRules = 5;

/**
 * A property's description in HubSpot, in a marketer's words: what it means, its tiers, the rules that weigh most, and
 * that Scoreline writes it, so that nobody edits it by hand.
 * @param model undefined for a column of the entity's relation beside several models
 */
export function describeProperty(sync: Pick<Sync, 'models'>, property: SyncProperty, model: Model | undefined): string {
  const { column } = sourceOfColumn(sync, property.column);
  const scorecard = model?.kind === 'scorecard' && (column === 'score' || column === 'tier') ? model : undefined;
  const sentences = [
    property.description ?? model?.description,
    scorecard && describeTiers(scorecard.tiers),
    scorecard && describeRules(scorecard.rules),
  ];
  const from = model === undefined ? `models ${sync.models.join(', ')}` : `model ${model.name}`;
  const close = `Written by Scoreline from the ${from}; changes made by hand are overwritten.`;
  const text = sentences
    .filter((sentence) => sentence !== undefined && sentence !== '')
    .map((sentence) => sentence?.replace(/[.\s]*$/, '.'))
    .join(' ');
  const room = maxLength - close.length - 1;
  return `${text.length > room ? `${text.slice(0, room - 1)}…` : text} ${close}`.trim();
}

function describeTiers(tiers: readonly { readonly name: string; readonly label?: string; readonly at?: unknown }[]) {
  if (tiers.length === 0) return undefined;
  const named = tiers.map(({ name, label, at }) =>
    typeof at === 'number' ? `${label ?? name} from ${at}` : (label ?? name),
  );
  return `Tiers: ${named.join(', ')}`;
}

/** By the most that a rule can bring, as far as the file says it in numbers. */
function describeRules(rules: readonly Rule[]): string | undefined {
  const weighed = rules.flatMap((rule) => {
    const points = typeof rule.limit === 'number' ? rule.limit : rule.points;
    if (typeof points !== 'number') return [];
    const isNegative = typeof rule.points === 'number' && rule.points < 0;
    return [{ label: rule.label, points: isNegative ? -Math.abs(points) : points }];
  });
  if (weighed.length === 0) return undefined;
  const strongest = weighed.sort((a, b) => Math.abs(b.points) - Math.abs(a.points)).slice(0, maxRules);
  return `Weighs most: ${strongest.map(({ label, points }) => `${label} (${points > 0 ? '+' : ''}${points})`).join(', ')}`;
}
