import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** A repeatable source of chance. It uses no function whose last digit may differ between machines. */
export interface Random {
  /** 0 ≤ x < 1. */
  float(): number;
  /** Uniform in `from` (included) to `to` (excluded). */
  between(from: number, to: number): number;
  /** A whole number, both bounds included. */
  int(from: number, to: number): number;
  chance(probability: number): boolean;
  /** Mean 0, standard deviation 1, within ±6. */
  normal(): number;
  /** A count with this mean; meant for means below 30. */
  poisson(mean: number): number;
  /** @throws RangeError for an empty list */
  pick<T>(items: readonly T[]): T;
  /** Picks by weight. @throws RangeError if no weight is above 0 */
  weighted<T>(items: readonly (readonly [item: T, weight: number])[]): T;
}

/** @param stream one seed gives many independent sources, so that a change in one part leaves the others as they were */
export function createRandom(seed: number, stream: number): Random {
  const generator = xoroshiro128plus(mix(mix(seed) ^ Math.imul(stream + 1, 0x9e3779b1)));
  const float = () => uniformFloat64(generator);
  return {
    float,
    between: (from, to) => from + (to - from) * float(),
    int: (from, to) => uniformInt(generator, from, to),
    chance: (probability) => float() < probability,
    normal() {
      // Twelve uniforms instead of Box-Muller: sine and cosine are not equal to the last bit everywhere.
      let sum = -6;
      for (let term = 0; term < 12; term += 1) sum += float();
      return sum;
    },
    poisson(mean) {
      const limit = Math.exp(-mean);
      let count = 0;
      for (let product = float(); product > limit; product *= float()) count += 1;
      return count;
    },
    pick(items) {
      if (items.length === 0) throw new RangeError('pick needs at least one item');
      return items[uniformInt(generator, 0, items.length - 1)] as (typeof items)[number];
    },
    weighted(items) {
      let total = 0;
      for (const [, weight] of items) total += weight;
      let rest = float() * total;
      for (const [item, weight] of items) {
        rest -= weight;
        if (rest < 0) return item;
      }
      throw new RangeError('weighted needs a weight above 0');
    },
  };
}

/** Spreads neighbouring seeds far apart (the finaliser of MurmurHash3, public domain). */
function mix(seed: number): number {
  let bits = seed | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
