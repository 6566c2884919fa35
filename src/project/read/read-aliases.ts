import type { AliasesShape } from '../shapes/aliases-schema.ts';
import type { Aliases } from '../types.ts';

export function readAliases({ relation, id, on = id, at }: AliasesShape): Aliases {
  return { relation, id, on, at };
}
