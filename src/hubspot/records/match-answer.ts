import type { Refusal } from '../wire/refusal.ts';
import type { BatchAnswer, ReturnedRecord } from './object-calls.ts';

export interface Traced {
  /** Unique in the request. */
  readonly traceId: string;
}

export interface MatchRules<Input> {
  /** What identifies an input where the answer does not carry its trace id. */
  readonly keyOfInput: (input: Input) => string;
  /** The same of a returned record; undefined where it does not tell. */
  readonly keyOfRecord: (record: ReturnedRecord) => string | undefined;
  /** How the ids that a refusal names become keys. */
  readonly keyOfId: (id: string) => string;
}

export type Match<Input> =
  | { readonly kind: 'written'; readonly input: Input; readonly record: ReturnedRecord }
  | { readonly kind: 'refused'; readonly input: Input; readonly refusal: Refusal };

export interface MatchedAnswer<Input> {
  readonly matches: readonly Match<Input>[];
  /** Inputs that the answer does not mention. */
  readonly unmentioned: readonly Input[];
  /** Refusals that name no input; one of them explains why some are unmentioned. */
  readonly unattributed: readonly Refusal[];
}

/**
 * Finds what a batch's answer says of each input: by trace id, or else by key, never by position. A refusal outweighs a
 * result, so that nothing counts as written that may not be.
 */
export function matchAnswer<Input extends Traced>(
  inputs: readonly Input[],
  answer: BatchAnswer,
  rules: MatchRules<Input>,
): MatchedAnswer<Input> {
  const byTraceId = new Map(inputs.map((input) => [input.traceId, input]));
  const byKey = new Map(inputs.map((input) => [rules.keyOfInput(input), input]));
  const matches = new Map<string, Match<Input>>();
  const unattributed: Refusal[] = [];

  for (const record of answer.records) {
    const key = rules.keyOfRecord(record);
    const input = byTraceId.get(record.traceId ?? '') ?? (key === undefined ? undefined : byKey.get(key));
    if (input !== undefined) matches.set(input.traceId, { kind: 'written', input, record });
  }
  for (const refusal of answer.refusals) {
    const traced = (refusal.context.objectWriteTraceId ?? []).map((traceId) => byTraceId.get(traceId));
    const keyed = (refusal.context.ids ?? []).map((id) => byKey.get(rules.keyOfId(id)));
    const named = [...traced, ...keyed].filter((input) => input !== undefined);
    if (named.length === 0) unattributed.push(refusal);
    for (const input of named) matches.set(input.traceId, { kind: 'refused', input, refusal });
  }
  return {
    matches: [...matches.values()],
    unmentioned: inputs.filter((input) => !matches.has(input.traceId)),
    unattributed,
  };
}
