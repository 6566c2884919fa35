import type { Incremental } from '../model-types.ts';
import type { IncrementalShape } from '../shapes/incremental-schema.ts';

export function readIncremental(shape: IncrementalShape | undefined): Incremental | undefined {
  if (shape === undefined || shape === false) return undefined;
  return shape === true ? {} : { loadedAt: shape.loaded_at, lookback: shape.lookback };
}
