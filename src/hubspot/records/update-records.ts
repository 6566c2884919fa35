import type { HubSpotListener } from '../hubspot-event.ts';
import type { RecordUpdate, WriteOutcome } from '../types.ts';
import type { Refusal } from '../wire/refusal.ts';
import { refusalIn } from '../wire/wire-error.ts';
import { deferralFor, outcomeForAll } from './deferral.ts';
import { distinctBatches } from './distinct-batches.ts';
import { isolateRefused, type Outcomes, type SentBatch } from './isolate-refused.ts';
import { writtenOutcome } from './kept-stage.ts';
import { type Match, type MatchRules, matchAnswer } from './match-answer.ts';
import { type BatchAnswer, maxBatchRecords, type RecordScope } from './object-calls.ts';
import { blamesRows, rejectionOf, saysNotFound } from './rejection.ts';

export interface WriteScope extends RecordScope {
  readonly onEvent: HubSpotListener;
}

const rules: MatchRules<RecordUpdate> = {
  keyOfInput: ({ recordId }) => recordId,
  keyOfRecord: ({ id }) => id,
  keyOfId: (id) => id,
};

/** Updates records by their ids; each ends as accepted, rejected, vanished or deferred. */
export async function updateRecords(scope: WriteScope, records: readonly RecordUpdate[]): Promise<Outcomes> {
  const outcomes = new Map<string, WriteOutcome>();
  for (const batch of distinctBatches(records, ({ recordId }) => recordId, maxBatchRecords)) {
    const settled = await isolateRefused(batch, {
      send: (inputs) => sendUpdates(scope, inputs),
      reject: (_, refusal) => outcomeOfRefusal(refusal),
      onSplit: splitListener(scope),
    });
    for (const [traceId, outcome] of settled) outcomes.set(traceId, outcome);
  }
  return outcomes;
}

export function splitListener({ onEvent }: WriteScope): (records: number, refusal: Refusal) => void {
  return (records, { category }) => onEvent({ kind: 'batch-split', records, reason: category });
}

async function sendUpdates(scope: WriteScope, inputs: readonly RecordUpdate[]): Promise<SentBatch<RecordUpdate>> {
  const { calls, object, signal } = scope;
  let answer: BatchAnswer;
  try {
    const sent = inputs.map(({ traceId, recordId, properties }) => ({
      objectWriteTraceId: traceId,
      id: recordId,
      properties,
    }));
    answer = await calls.update(object, sent, signal);
  } catch (error) {
    const refusal = refusalIn(error);
    if (refusal !== undefined && blamesRows(refusal)) return { settled: new Map(), refused: { inputs, refusal } };
    return { settled: outcomeForAll(inputs, deferralFor(error, signal)) };
  }
  const { matches, unmentioned, unattributed } = matchAnswer(inputs, answer, rules);
  const settled = new Map(matches.map((match) => [match.input.traceId, outcomeOfMatch(match)]));
  if (unmentioned.length === 0) return { settled };
  const [refusal] = unattributed;
  if (refusal !== undefined) return { settled, refused: { inputs: unmentioned, refusal } };
  return { settled: new Map([...settled, ...(await outcomesOfUnmentioned(scope, unmentioned))]) };
}

function outcomeOfMatch(match: Match<RecordUpdate>): WriteOutcome {
  if (match.kind === 'refused') return outcomeOfRefusal(match.refusal);
  return writtenOutcome(match.input.properties, match.record, false);
}

function outcomeOfRefusal(refusal: Refusal): WriteOutcome {
  return { kind: saysNotFound(refusal) ? 'vanished' : 'rejected', rejection: rejectionOf(refusal) };
}

/** HubSpot has been seen to pass over ids that it does not know, without an error. So it is asked whether they exist. */
async function outcomesOfUnmentioned(
  { calls, object, signal }: WriteScope,
  inputs: readonly RecordUpdate[],
): Promise<Outcomes> {
  try {
    const answer = await calls.read(object, { ids: inputs.map(({ recordId }) => recordId), properties: [] }, signal);
    const { matches } = matchAnswer(inputs, answer, rules);
    const vanished = matches.filter(({ kind }) => kind === 'refused');
    return new Map([
      ...outcomeForAll(inputs, { kind: 'deferred', reason: "HubSpot's answer did not mention the record" }),
      ...vanished.map((match) => [match.input.traceId, outcomeOfMatch(match)] as const),
    ]);
  } catch (error) {
    return outcomeForAll(inputs, deferralFor(error, signal));
  }
}
