import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchAnswer } from '../../../src/hubspot/records/match-answer.ts';
import type { ReturnedRecord } from '../../../src/hubspot/records/object-calls.ts';
import { readRefusal } from '../../../src/hubspot/wire/refusal.ts';

interface Row {
  readonly traceId: string;
  readonly id: string;
}

const rules = {
  keyOfInput: ({ id }: Row) => id,
  keyOfRecord: ({ id }: ReturnedRecord) => id,
  keyOfId: (id: string) => id,
};

/** What becomes of a row in the answer. */
const fates = ['written', 'written without trace id', 'refused by trace id', 'refused by id', 'passed over'] as const;

describe('matchAnswer', () => {
  it('finds what became of each row, in any order, with or without trace ids', () => {
    const rows = fc.uniqueArray(fc.record({ number: fc.nat(100_000), fate: fc.constantFrom(...fates) }), {
      selector: ({ number }) => number,
      maxLength: 100,
    });
    fc.assert(
      fc.property(rows, fc.func(fc.nat()), (given, order) => {
        // Trace ids that look like record ids of other rows must not confuse anything.
        const inputs = given.map(({ number, fate }, index) => ({ traceId: String(index), id: `r${number}`, fate }));
        const shuffled = inputs.toSorted((a, b) => order(a.id) - order(b.id));
        const records = shuffled
          .filter(({ fate }) => fate.startsWith('written'))
          .map(({ traceId, id, fate }) => ({
            id,
            traceId: fate === 'written' ? traceId : undefined,
            isNew: false,
            properties: {},
          }));
        const byTrace = shuffled.filter(({ fate }) => fate === 'refused by trace id');
        const missing = shuffled.filter(({ fate }) => fate === 'refused by id');
        const refusals = [
          ...byTrace.map(({ traceId }) =>
            readRefusal({ category: 'VALIDATION_ERROR', context: { objectWriteTraceId: [traceId] } }),
          ),
          // One error covers all ids that are missing.
          ...(missing.length > 0
            ? [readRefusal({ category: 'OBJECT_NOT_FOUND', context: { ids: missing.map(({ id }) => id) } })]
            : []),
        ];
        const { matches, unmentioned, unattributed } = matchAnswer(
          inputs,
          { records, refusals, hadLostAnswer: false },
          rules,
        );
        expect(unattributed).toEqual([]);
        expect(unmentioned).toEqual(inputs.filter(({ fate }) => fate === 'passed over'));
        expect(matches).toHaveLength(inputs.length - unmentioned.length);
        for (const match of matches) {
          expect(match.kind).toBe(match.input.fate.startsWith('written') ? 'written' : 'refused');
          if (match.kind === 'written') expect(match.record.id).toBe(match.input.id);
        }
      }),
    );
  });

  it('lets a refusal outweigh a result', () => {
    const inputs = [{ traceId: 't', id: '1' }];
    const answer = {
      records: [{ id: '1', traceId: 't', isNew: false, properties: {} }],
      refusals: [readRefusal({ category: 'VALIDATION_ERROR', context: { objectWriteTraceId: ['t'] } })],
      hadLostAnswer: false,
    };
    expect(matchAnswer(inputs, answer, rules).matches.map(({ kind }) => kind)).toEqual(['refused']);
  });

  it('tells refusals that name nobody, and results of nobody, from the rest', () => {
    const inputs = [{ traceId: 't', id: '1' }];
    const answer = {
      records: [{ id: '99', traceId: 'other', isNew: false, properties: {} }],
      refusals: [readRefusal({ category: 'VALIDATION_ERROR', message: 'something is wrong' })],
      hadLostAnswer: false,
    };
    const { matches, unmentioned, unattributed } = matchAnswer(inputs, answer, rules);
    expect(matches).toEqual([]);
    expect(unmentioned).toEqual(inputs);
    expect(unattributed.map(({ message }) => message)).toEqual(['something is wrong']);
  });
});
