import { createHash } from 'node:crypto';
import type { ParamValue } from '../project/setting-types.ts';
import type { ResolvedParam } from '../sql/types.ts';

export interface VersionedModel {
  /** Texts that decide what the model's rows are, such as its SQL file. */
  readonly texts: readonly string[];
  /** Names of parameters that it reads. */
  readonly params: ReadonlySet<string>;
  /** Models that it reads. */
  readonly refs: ReadonlySet<string>;
}

/**
 * A fingerprint of everything that can change a model's rows but the data and `as_of`: its texts, its parameters' values,
 * and the same of all models that it reads.
 * @param versions those of the models read
 */
export function modelVersionOf(
  { texts, params, refs }: VersionedModel,
  values: ReadonlyMap<string, ResolvedParam>,
  versions: ReadonlyMap<string, string>,
): string {
  const read = [...params].filter((name) => name !== 'as_of').sort();
  const given = read.map((name): readonly [string, ParamValue | undefined] => [name, values.get(name)?.value]);
  const upstream = [...refs].sort().map((name) => [name, versions.get(name) ?? '']);
  return createHash('sha256')
    .update(JSON.stringify([texts, given, upstream]))
    .digest('hex')
    .slice(0, 16);
}
