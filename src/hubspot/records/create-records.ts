import type { RecordCreate, RecordUpdate, WriteOutcome } from '../types.ts';
import { refusalIn, WireError } from '../wire/wire-error.ts';
import { type Creation, creationOf } from './creation.ts';
import { deferralFor, outcomeForAll } from './deferral.ts';
import { distinctBatches } from './distinct-batches.ts';
import { isolateRefused, type Outcomes, type SentBatch } from './isolate-refused.ts';
import { writtenOutcome } from './kept-stage.ts';
import { type Match, matchAnswer } from './match-answer.ts';
import { type BatchAnswer, maxBatchRecords } from './object-calls.ts';
import { blamesRows, existingIdIn, rejectionOf } from './rejection.ts';
import { resolveRecords } from './resolve-records.ts';
import { splitListener, updateRecords, type WriteScope } from './update-records.ts';

interface CreateScope extends WriteScope {
  readonly creation: Creation;
}

/** Creates whose answer was lost, or that met existing records, look again this often before they are left for later. */
const maxRounds = 3;

/**
 * Creates records, each once; one that exists already is updated instead. A create whose answer was lost is never simply
 * repeated: its match values are resolved first.
 */
export async function createRecords(
  scope: WriteScope,
  matchProperty: string,
  records: readonly RecordCreate[],
): Promise<Outcomes> {
  const creation = creationOf(scope.object, matchProperty);
  const job = { ...scope, creation };
  const outcomes = new Map<string, WriteOutcome>();
  for (const batch of distinctBatches(
    records,
    ({ matchValue }) => creation.key.normalise(matchValue),
    maxBatchRecords,
  )) {
    const settled = await isolateRefused(batch, {
      send: (inputs) => sendCreates(job, inputs, 1),
      reject: ({ matchValue }, refusal) => ({
        kind: 'rejected',
        rejection: rejectionOf(refusal, hiddenValues(job, matchValue)),
      }),
      onSplit: splitListener(scope),
    });
    for (const [traceId, outcome] of settled) outcomes.set(traceId, outcome);
  }
  return outcomes;
}

async function sendCreates(
  job: CreateScope,
  inputs: readonly RecordCreate[],
  round: number,
): Promise<SentBatch<RecordCreate>> {
  const { calls, creation, signal } = job;
  let answer: BatchAnswer;
  try {
    answer = await creation.send(calls, inputs, signal);
  } catch (error) {
    return settleFailure(job, inputs, round, error);
  }
  const { key } = creation;
  const { matches, unmentioned, unattributed } = matchAnswer(inputs, answer, {
    keyOfInput: ({ matchValue }) => key.normalise(matchValue),
    keyOfRecord: (record) => key.keysOf(record)[0],
    keyOfId: key.normalise,
  });
  const existing = matches.flatMap((match) => {
    const recordId = match.kind === 'refused' ? existingIdIn(match.refusal) : undefined;
    return recordId === undefined ? [] : [{ input: match.input, recordId }];
  });
  const settled = new Map([
    ...matches.map((match) => [match.input.traceId, outcomeOf(job, match, answer)] as const),
    ...(await adopt(job, existing, false)),
  ]);
  const [refusal] = unattributed;
  if (refusal !== undefined && unmentioned.length > 0) return { settled, refused: { inputs: unmentioned, refusal } };
  const deferred = outcomeForAll(unmentioned, {
    kind: 'deferred',
    reason: "HubSpot's answer did not mention the record",
  });
  return { settled: new Map([...settled, ...deferred]) };
}

/** What to do about a whole call that failed. */
async function settleFailure(
  job: CreateScope,
  inputs: readonly RecordCreate[],
  round: number,
  error: unknown,
): Promise<SentBatch<RecordCreate>> {
  const refusal = refusalIn(error);
  const wasLost = error instanceof WireError && error.failure.kind === 'lost';
  // HubSpot names only the first of the existing records, so one look at all of them is cheaper than splitting.
  const hasExisting = refusal?.status === 409 && inputs.length > 1 && round === 1;
  if (job.creation.kind === 'create' && (wasLost || hasExisting)) return lookAgain(job, inputs, round, wasLost);
  if (refusal === undefined || !blamesRows(refusal)) {
    return { settled: outcomeForAll(inputs, deferralFor(error, job.signal)) };
  }
  const [input] = inputs;
  const recordId = existingIdIn(refusal);
  if (inputs.length === 1 && input !== undefined && recordId !== undefined) {
    return { settled: await adopt(job, [{ input, recordId }], false) };
  }
  return { settled: new Map(), refused: { inputs, refusal } };
}

/** Finds out which of the records exist by now, takes those as they are, and creates the others. */
async function lookAgain(
  job: CreateScope,
  inputs: readonly RecordCreate[],
  round: number,
  wasLost: boolean,
): Promise<SentBatch<RecordCreate>> {
  const { property } = job.creation.key;
  const properties = [...new Set(inputs.flatMap((input) => Object.keys(input.properties)))];
  let found: Existing[];
  try {
    const resolutions = await resolveRecords(job, {
      property,
      values: inputs.map(({ matchValue }) => matchValue),
      properties,
    });
    found = inputs.flatMap((input) => {
      const resolution = resolutions.get(input.matchValue);
      return resolution?.kind === 'found' ? [{ input, ...resolution }] : [];
    });
  } catch (error) {
    return { settled: outcomeForAll(inputs, deferralFor(error, job.signal)) };
  }
  const adopted = await adopt(job, found, wasLost);
  const missing = inputs.filter(({ traceId }) => !adopted.has(traceId));
  if (missing.length === 0) return { settled: adopted };
  if (round === maxRounds) {
    const deferred = outcomeForAll(missing, {
      kind: 'deferred',
      reason: `HubSpot's answers were lost ${maxRounds} times`,
    });
    return { settled: new Map([...adopted, ...deferred]) };
  }
  const sent = await sendCreates(job, missing, round + 1);
  return { ...sent, settled: new Map([...adopted, ...sent.settled]) };
}

interface Existing {
  readonly input: RecordCreate;
  readonly recordId: string;
  /** As read just now; absent where only the id is known. */
  readonly properties?: Readonly<Record<string, string | null>>;
}

/**
 * Updates records that exist although they were to be created.
 * @param isOurs they came to be by a create of ours whose answer was lost: they count as created, and those that have
 * our values already are not written again
 */
async function adopt(job: CreateScope, existing: readonly Existing[], isOurs: boolean): Promise<Outcomes> {
  const complete = existing.filter(
    ({ input, properties }) =>
      isOurs && Object.entries(input.properties).every(([name, value]) => properties?.[name] === value),
  );
  const updates: RecordUpdate[] = existing
    .filter((record) => !complete.includes(record))
    .map(({ input, recordId }) => ({ traceId: input.traceId, recordId, properties: input.properties }));
  const outcomes = new Map<string, WriteOutcome>();
  for (const { input, recordId } of complete)
    outcomes.set(input.traceId, { kind: 'accepted', recordId, created: true });
  for (const [traceId, outcome] of await updateRecords(job, updates)) {
    outcomes.set(traceId, adoptedOutcome(outcome, isOurs));
  }
  return outcomes;
}

function adoptedOutcome(outcome: WriteOutcome, isOurs: boolean): WriteOutcome {
  if (outcome.kind === 'accepted') return { ...outcome, created: isOurs };
  if (outcome.kind === 'vanished') return { kind: 'deferred', reason: 'the record that stood in the way is gone' };
  return outcome;
}

function outcomeOf(job: CreateScope, match: Match<RecordCreate>, answer: BatchAnswer): WriteOutcome {
  if (match.kind === 'refused') {
    return { kind: 'rejected', rejection: rejectionOf(match.refusal, hiddenValues(job, match.input.matchValue)) };
  }
  // After a lost answer, an upsert finds the record that it made itself.
  const created = job.creation.kind === 'create' || match.record.isNew || answer.hadLostAnswer;
  return writtenOutcome(match.input.properties, match.record, created);
}

/** A malformed address is personal data too, though it does not look like an address. */
function hiddenValues({ creation }: CreateScope, matchValue: string): string[] {
  const isPersonal = creation.key.property === 'email' && matchValue.length > 2;
  return isPersonal ? [matchValue, creation.key.normalise(matchValue)] : [];
}
