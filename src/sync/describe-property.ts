import type { Model, Tier } from '../project/model-types.ts';
import type { Rule } from '../project/rule-types.ts';
import { isScored } from '../project/scored-model.ts';
import { sourceOfColumn } from '../project/sync-columns.ts';
import type { Sync, SyncProperty } from '../project/sync-types.ts';

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
  const isOfScore = column === 'score' || column === 'tier';
  const scored = model !== undefined && isScored(model) && isOfScore ? model : undefined;
  const sentences = [
    property.description ?? model?.description,
    scored && describeTiers(scored.tiers),
    scored?.kind === 'scorecard' ? describeRules(scored.rules) : undefined,
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

function describeTiers(tiers: readonly Tier[]) {
  if (tiers.length === 0) return undefined;
  const named = tiers.map(({ name, label, at, top }) => {
    if (typeof top === 'number') return `${label ?? name} the best ${Number((top * 100).toPrecision(12))}%`;
    return typeof at === 'number' ? `${label ?? name} from ${at}` : (label ?? name);
  });
  return `Tiers: ${named.join(', ')}`;
}

/** By the most that a rule can bring, as far as the file says it in numbers. */
function describeRules(rules: readonly Rule[]): string | undefined {
  const weighed = rules.flatMap((rule) => {
    const points = typeof rule.limit === 'number' ? rule.limit : mostPoints(rule.points);
    if (typeof points !== 'number') return [];
    const isNegative = Number(mostPoints(rule.points)) < 0;
    return [{ label: rule.label, points: isNegative ? -Math.abs(points) : points }];
  });
  if (weighed.length === 0) return undefined;
  const strongest = weighed.sort((a, b) => Math.abs(b.points) - Math.abs(a.points)).slice(0, maxRules);
  return `Weighs most: ${strongest.map(({ label, points }) => `${label} (${points > 0 ? '+' : ''}${points})`).join(', ')}`;
}

/** Of bands, the one that weighs most; null where the file does not say it in numbers. */
function mostPoints(points: Rule['points']): number | null {
  if (typeof points === 'number') return points;
  if (!('bands' in points)) return null;
  const all = points.bands.flatMap((band) => (typeof band.points === 'number' ? [band.points] : []));
  return all.reduce((most, some) => (Math.abs(some) > Math.abs(most) ? some : most), 0);
}
