/** Ranges of equal width that cover scores: bucket i is from `start + i × width` up to, and without, the next one's start. */
export interface ScoreBuckets {
  readonly start: number;
  readonly width: number;
  /** The last one has its upper end too. */
  readonly count: number;
}

/** More lines than this are no picture any more. */
const maxBuckets = 12;

/**
 * Round ranges for scores that lie between two values: 1, 2, 2.5 or 5 times a power of ten wide, and about ten of them.
 * @param min finite, as is `max`, which is no smaller
 */
export function chooseBuckets(min: number, max: number): ScoreBuckets {
  const width = roundWidth((max - min) / 10 || 1);
  const start = Math.floor(min / width) * width;
  // Rounded, as binary fractions would make an eleventh bucket of 0.1 × 10.
  const count = Math.max(1, Math.ceil(rounded((max - start) / width)));
  return { start: rounded(start), width, count: Math.min(count, maxBuckets) };
}

/** Where the buckets begin and end, the last end included: one more than there are buckets. */
export function bucketEdges({ start, width, count }: ScoreBuckets): readonly number[] {
  return Array.from({ length: count + 1 }, (_, index) => rounded(start + index * width));
}

function roundWidth(atLeast: number): number {
  const power = 10 ** Math.floor(Math.log10(atLeast));
  const factor = [1, 2, 2.5, 5, 10].find((each) => rounded(each * power) >= rounded(atLeast)) ?? 10;
  return Math.max(smallest, rounded(factor * power));
}

/** Scores have six decimals at most. */
const smallest = 0.000001;

function rounded(value: number): number {
  return Number(value.toFixed(6));
}
