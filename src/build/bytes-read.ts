import type { Capabilities } from '../warehouse/port.ts';
import type { BuiltModel } from './build-event.ts';
import type { CompiledProject } from './types.ts';

/** What models read, where the warehouse counts bytes. */
export interface BytesRead {
  /** The largest first. */
  readonly models: readonly ModelBytes[];
  readonly total: number;
  /** What one statement may read; null: no limit. */
  readonly maxBytesRead: number | null;
}

export interface ModelBytes {
  readonly model: string;
  readonly materialize: 'table' | 'view' | 'inline';
  readonly bytes: number;
  /** Models that it reads too, of which nothing is in the number; by name. */
  readonly without: readonly string[];
}

/** What the tables of a build were made from; null where nothing was counted. */
export function bytesOfBuild(built: readonly BuiltModel[], capabilities: Capabilities): BytesRead | null {
  const models = built.flatMap(({ model, materialize, bytesRead }) =>
    bytesRead === null ? [] : [{ model, materialize, bytes: bytesRead, without: [] }],
  );
  return sumUp(models, capabilities);
}

/**
 * What models would read of the sources; null where nothing was counted. A check builds nothing and shows each model empty
 * ones in the place of those that it reads, so those are not in its number.
 * @param counted model → bytes
 */
export function bytesOfCheck(
  { models }: CompiledProject,
  counted: ReadonlyMap<string, number>,
  capabilities: Capabilities,
): BytesRead | null {
  const checked = [...models.values()].flatMap(({ model: { name: model }, materialize, refs }) => {
    const bytes = counted.get(model);
    return bytes === undefined ? [] : [{ model, materialize, bytes, without: [...refs].sort() }];
  });
  return sumUp(checked, capabilities);
}

function sumUp(models: readonly ModelBytes[], { maxBytesRead }: Capabilities): BytesRead | null {
  if (models.length === 0) return null;
  const total = models.reduce((sum, { bytes }) => sum + bytes, 0);
  return { models: models.toSorted((one, other) => other.bytes - one.bytes), total, maxBytesRead };
}
