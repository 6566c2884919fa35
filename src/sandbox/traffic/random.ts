import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** A seeded source of numbers, so that a sandbox that is asked the same answers the same. */
export interface Random {
  /** @returns a whole number from 0 up to, not including, `bound` */
  below(bound: number): number;
  /** @returns a share from 0 up to, not including, 1 */
  ratio(): number;
}

const ratioSteps = 2 ** 30;

export function seededRandom(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  const below = (bound: number) => uniformInt(generator, 0, bound - 1);
  return { below, ratio: () => below(ratioSteps) / ratioSteps };
}
