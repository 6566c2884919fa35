import type { WriteOutcome } from '../types.ts';
import type { Refusal } from '../wire/refusal.ts';
import type { Traced } from './match-answer.ts';

/** By trace id. */
export type Outcomes = ReadonlyMap<string, WriteOutcome>;

/** What one sending of a batch came to. Every input is in `settled` or in `refused`. */
export interface SentBatch<Input> {
  readonly settled: Outcomes;
  /** Inputs refused together: one of them is to blame, or more, and HubSpot does not say which. */
  readonly refused?: { readonly inputs: readonly Input[]; readonly refusal: Refusal };
}

export interface Isolation<Input> {
  readonly send: (inputs: readonly Input[]) => Promise<SentBatch<Input>>;
  /** Makes the outcome of an input that is refused all by itself. */
  readonly reject: (input: Input, refusal: Refusal) => WriteOutcome;
  readonly onSplit?: (records: number, refusal: Refusal) => void;
}

/**
 * Sends a batch, and splits what is refused as a whole until the bad inputs stand alone. With k bad ones among n that is
 * at most 2k(1 + log2(n/k)) calls beyond the first. The parts go side by side, since the quota paces them.
 */
export async function isolateRefused<Input extends Traced>(
  inputs: readonly Input[],
  isolation: Isolation<Input>,
): Promise<Outcomes> {
  const { settled, refused } = await isolation.send(inputs);
  if (refused === undefined) return settled;
  const [first] = refused.inputs;
  if (first === undefined) return settled;
  if (refused.inputs.length === 1) {
    return new Map([...settled, [first.traceId, isolation.reject(first, refused.refusal)]]);
  }
  isolation.onSplit?.(refused.inputs.length, refused.refusal);
  const middle = powerOfTwoBelow(refused.inputs.length);
  const parts = [refused.inputs.slice(0, middle), refused.inputs.slice(middle)];
  const outcomes = await Promise.all(parts.map((part) => isolateRefused(part, isolation)));
  return new Map([settled, ...outcomes].flatMap((some) => [...some]));
}

/** Full trees of halves are the cheapest: plain halving of 100 costs up to 12 % more calls than the bound. */
function powerOfTwoBelow(count: number): number {
  return 2 ** (Math.ceil(Math.log2(count)) - 1);
}
