import { closestMatch } from 'leven';

/** Longer lists tire the reader more than they help. */
const maxListed = 12;

/**
 * The way out for a name that nobody knows.
 * @returns `Did you mean \`leads\`?` where one is close, else what there is to choose from: `Known: a, b.`
 */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const close = closestName(word, candidates);
  if (close !== undefined) return `Did you mean \`${close}\`?`;
  if (candidates.length === 0) return 'There are none yet.';
  const listed = candidates.slice(0, maxListed).join(', ');
  return candidates.length > maxListed
    ? `Known: ${listed} and ${candidates.length - maxListed} more.`
    : `Known: ${listed}.`;
}

/** The candidate that differs by a slip or two, whatever the case of its letters; undefined where none is that close. */
export function closestName(word: string, candidates: readonly string[]): string | undefined {
  const lowered = new Map(candidates.map((candidate) => [candidate.toLowerCase(), candidate]));
  // Swapped letters are the most common slip, and the edit distance counts them as two.
  const swapped = [...lowered.keys()].find((candidate) => sorted(candidate) === sorted(word.toLowerCase()));
  // A slip for every three letters: `id` must not suggest `at`.
  const maxDistance = Math.min(3, Math.ceil(word.length / 3));
  const close = swapped ?? closestMatch(word.toLowerCase(), [...lowered.keys()], { maxDistance });
  return close === undefined ? undefined : lowered.get(close);
}

function sorted(word: string): string {
  return [...word].sort().join('');
}
