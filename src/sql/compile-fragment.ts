import { createQueryId, type QueryCompiler, type RootOperationNode } from 'kysely';
import type { Bind, CompiledSql, Fragment } from './types.ts';

/** Compiles a fragment with a warehouse's query compiler, which numbers the binds and quotes the names. */
export function compileFragment(fragment: Fragment, compiler: QueryCompiler): CompiledSql {
  const root = fragment.toOperationNode() as RootOperationNode;
  const { sql: text, parameters } = compiler.compileQuery(root, createQueryId());
  return { text, binds: parameters.map(bindOf) };
}

/**
 * Dialects bind with `Bind`s; a plain value in a fragment (`` sql`id = ${5}` ``) takes the type of its JavaScript value.
 * Anything else, such as a `Date`, is a bug of ours and throws a TypeError.
 */
function bindOf(parameter: unknown): Bind {
  switch (typeof parameter) {
    case 'string':
      return { type: { kind: 'text' }, value: parameter };
    case 'boolean':
      return { type: { kind: 'boolean' }, value: parameter };
    case 'bigint':
      return { type: { kind: 'integer' }, value: parameter };
    case 'number':
      return { type: { kind: Number.isSafeInteger(parameter) ? 'integer' : 'double' }, value: parameter };
  }
  if (isBind(parameter)) return parameter;
  throw new TypeError(`A query binds text, numbers, booleans or a Bind, not ${String(parameter)}`);
}

function isBind(parameter: unknown): parameter is Bind {
  return typeof parameter === 'object' && parameter !== null && 'type' in parameter && 'value' in parameter;
}
