import { PostgresQueryCompiler, sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { compileFragment } from '../../../src/sql/compile-fragment.ts';

describe('compileFragment', () => {
  it('gives plain values the type that their JavaScript value has', () => {
    const fragment = sql`${'a'}, ${5}, ${0.5}, ${2n ** 60n}, ${true}`;
    expect(compileFragment(fragment, new PostgresQueryCompiler())).toEqual({
      text: '$1, $2, $3, $4, $5',
      binds: [
        { type: { kind: 'text' }, value: 'a' },
        { type: { kind: 'integer' }, value: 5 },
        { type: { kind: 'double' }, value: 0.5 },
        { type: { kind: 'integer' }, value: 2n ** 60n },
        { type: { kind: 'boolean' }, value: true },
      ],
    });
  });

  it('refuses values whose type in the warehouse would be a guess', () => {
    for (const value of [new Date(0), null, undefined, ['a'], {}]) {
      expect(() => compileFragment(sql`${value}`, new PostgresQueryCompiler())).toThrow(TypeError);
    }
  });
});
