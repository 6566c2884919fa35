import type { Aliases } from '../entity-types.ts';
import type { AliasesShape } from '../shapes/aliases-schema.ts';

export function readAliases({ relation, id, on = id, at }: AliasesShape): Aliases {
  return { relation, id, on, at };
}
