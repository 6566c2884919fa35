import { sql } from 'kysely';
import type { Dialect, Fragment } from '../sql/types.ts';

/** A look at the weights that a model counts by, before anyone sees its scores. */
export interface WeightCheck {
  /** Whose weights they are, such as `rule champions`. */
  readonly of: string;
  /** Where they stand; of another file than the model's, `of` says which. */
  readonly path: readonly (string | number)[];
  /** A SELECT of the rows whose weight is null, below 0 or no number, with `example`: such a row in words. */
  readonly failing: Fragment;
  readonly hint: string;
}

export interface WeightCheckRequest extends Omit<WeightCheck, 'failing' | 'hint'> {
  readonly from: Fragment;
  readonly weight: Fragment;
  /** A column that tells rows apart, for the example. */
  readonly key: Fragment;
  readonly dialect: Dialect;
}

export function weightCheck({ of, path, from, weight, key, dialect }: WeightCheckRequest): WeightCheck {
  const text = dialect.type({ kind: 'text' });
  const words = [sql`cast(${key} as ${text})`, sql`': weight '`, sql`coalesce(cast(${weight} as ${text}), 'null')`];
  const number = dialect.roundTo(weight, 18, 6);
  const failing = sql`    select ${dialect.joinText(words, '')} as example from ${from} where coalesce(${number}, -1) < 0`;
  const hint = 'Give every row a number of 0 or more, such as coalesce(weight, 0); leave rows out by 0 or by `where`.';
  return { of, path, failing, hint };
}
