import type { ScoredCard } from './card.ts';

/**
 * Names for the steps of a statement. None may be one that the card's own SQL or relations use: a step would stand in the
 * place of the table that was meant.
 */
export function stepNamer(card: ScoredCard): (wanted: string) => string {
  const used = textsOf(card).join('\n').toLowerCase();
  return (wanted) => {
    let name = wanted;
    while (used.includes(name)) name = `${name}_step`;
    return name;
  };
}

function textsOf(data: unknown): readonly string[] {
  if (Array.isArray(data)) return data.flatMap(textsOf);
  if (typeof data !== 'object' || data === null) return [];
  if ('meaning' in data) return [JSON.stringify(data.meaning)];
  return Object.values(data).flatMap(textsOf);
}
