import type { ObjectType } from '../account/object-type.ts';
import type { ApiRequest } from './api-request.ts';
import { areTraced, type WriteInput } from './batch-inputs.ts';
import { type PropertyProblem, packedMessage, propertyProblemsReply } from './property-problem.ts';
import { type RecordBody, renderWritten } from './render-record.ts';
import { errorReply, type Reply } from './reply.ts';
import type { Claims, WriteStep } from './write-step.ts';

/** One error of a 207; sparser than the client's model of it, as real ones are. */
export interface BatchError {
  readonly status: 'error';
  readonly category: string;
  readonly message: string;
  readonly context: Readonly<Record<string, readonly string[]>>;
}

export interface BatchKind {
  readonly successStatus: 200 | 201;
  /** Whether trace ids let good rows pass beside bad ones. */
  readonly partial: boolean;
  /** Whether a clash with another record refuses the batch even so (rule 14). */
  readonly conflictRefusesAll: boolean;
  /** Whether results say if the record is new. */
  readonly tellsNew: boolean;
  check(input: WriteInput, claims: Claims): WriteStep;
}

/**
 * Rules 8 to 11, 13 and 14. With trace ids each input is checked and written by itself; without them all are checked
 * before the first is written, and one bad input refuses the whole batch. Unknown ids never do.
 */
export function runBatch(request: ApiRequest, type: ObjectType, inputs: readonly WriteInput[], kind: BatchKind): Reply {
  const partial = kind.partial && areTraced(inputs);
  const refused = refusedAsWhole(request, type, inputs, kind, partial);
  if (refused !== undefined) return refused;
  const claims: Claims = new Map();
  const results: RecordBody[] = [];
  const errors: BatchError[] = [];
  const unknown: string[] = [];
  for (const input of inputs) {
    const step = kind.check(input, claims);
    if (step.kind === 'ready') {
      const body = renderWritten(request, type, step.commit(), step.written);
      results.push(decorated(request, body, input, kind.tellsNew ? step.created : undefined));
    } else if (step.kind === 'unknown') unknown.push(step.id);
    else errors.push(tracedError(request, type, step, input.traceId ?? ''));
  }
  if (unknown.length > 0 && !request.settings.switches.unknownIdsUnmentioned) errors.push(unknownIds(type, unknown));
  const traced207 = request.settings.switches.tracedSuccessIs207 && areTraced(inputs) && inputs.length > 0;
  const is207 = errors.length > 0 || unknown.length > 0 || traced207;
  return batchReply(request, is207 ? 207 : kind.successStatus, shuffled(request, results), is207 ? errors : undefined);
}

/** @param errors given for a 207, even if there are none */
export function batchReply(
  request: ApiRequest,
  status: number,
  results: readonly unknown[],
  errors?: readonly BatchError[],
): Reply {
  const at = new Date(request.now).toISOString();
  const failed = errors === undefined ? {} : { numErrors: errors.length, errors };
  return { status, body: { status: 'COMPLETE', results, startedAt: at, completedAt: at, ...failed } };
}

/** Rules 11 and 12: one error for all ids that were not found. */
export function unknownIds(type: ObjectType, ids: readonly string[]): BatchError {
  const message = `Could not get some ${type.names.upperName} objects, they may be deleted or not exist. Check that ids are valid.`;
  return { status: 'error', category: 'OBJECT_NOT_FOUND', message, context: { ids } };
}

/** Rule 16: results are not in the order of the inputs. */
export function shuffled<T>(request: ApiRequest, items: readonly T[]): readonly T[] {
  if (!request.settings.switches.resultsShuffled) return items;
  const mixed = [...items];
  for (let last = mixed.length - 1; last > 0; last--) {
    const other = request.random(last + 1);
    const [a, b] = [mixed[last], mixed[other]];
    if (a !== undefined && b !== undefined) [mixed[last], mixed[other]] = [b, a];
  }
  return mixed;
}

function conflictMessage(type: ObjectType, existingId: string | undefined): string {
  const { singular } = type.names;
  const name = `${singular.charAt(0).toUpperCase()}${singular.slice(1)}`;
  return existingId === undefined ? `${name} already exists.` : `${name} already exists. Existing ID: ${existingId}`;
}

/** Looks at every input before the first is written. */
function refusedAsWhole(
  request: ApiRequest,
  type: ObjectType,
  inputs: readonly WriteInput[],
  kind: BatchKind,
  partial: boolean,
): Reply | undefined {
  if (partial && !kind.conflictRefusesAll) return undefined;
  const claims: Claims = new Map();
  const steps = inputs.map((input) => kind.check(input, claims));
  const problems = new Map<string, PropertyProblem>();
  for (const step of partial ? [] : steps) {
    if (step.kind !== 'problems') continue;
    // The error names properties, not rows: two rows with one problem are one entry.
    for (const problem of step.problems) problems.set(JSON.stringify(problem), problem);
  }
  if (problems.size > 0) return propertyProblemsReply([...problems.values()], request.account.identity.portalId);
  // Only the first clash is named.
  const conflict = steps.find((step) => step.kind === 'conflict');
  return conflict === undefined ? undefined : conflictReply(type, conflict.existing?.id);
}

/** The 409 that refuses a whole call. */
export function conflictReply(type: ObjectType, existingId: string | undefined): Reply {
  return errorReply(409, { message: conflictMessage(type, existingId), category: 'CONFLICT' });
}

function tracedError(
  request: ApiRequest,
  type: ObjectType,
  step: Extract<WriteStep, { kind: 'problems' | 'conflict' }>,
  traceId: string,
): BatchError {
  if (step.kind === 'problems') {
    const message = packedMessage(step.problems, request.account.identity.portalId);
    return { status: 'error', category: 'VALIDATION_ERROR', message, context: { objectWriteTraceId: [traceId] } };
  }
  const existingId = step.existing?.id;
  const context = { objectWriteTraceId: [traceId], ...(existingId !== undefined && { existingId: [existingId] }) };
  return { status: 'error', category: 'CONFLICT', message: conflictMessage(type, existingId), context };
}

function decorated(
  request: ApiRequest,
  body: RecordBody,
  { traceId }: WriteInput,
  isNew: boolean | undefined,
): RecordBody {
  return {
    ...body,
    ...(traceId !== undefined && request.settings.switches.traceIdsEchoed && { objectWriteTraceId: traceId }),
    ...(isNew !== undefined && { new: isNew }),
  };
}
