import type { PropertyType } from '../project/sync-types.ts';
import { numberOrNull, textOf, textOrNull } from '../state/row-values.ts';
import type { Row } from '../warehouse/port.ts';
import { canonicalValue } from './canonical-value.ts';
import { hiddenValue, personalProperties } from './hide-personal.ts';
import { forEachInFlight, inBatches } from './in-flight.ts';
import { type PlanWriter, rolledBackHash } from './plan-writer.ts';
import { knownRecord, type ReadRecord, readBack } from './read-back.ts';
import {
  type KeptCause,
  type KeptExample,
  nothingKept,
  type Rollback,
  type RollbackRequest,
} from './rollback-types.ts';
import { parseValues, pickValues, type RowValues } from './row-payload.ts';
import { rowsOfRun } from './rows-of-run.ts';

const rowsPerRequest = 1000;
const requestsInFlight = 8;
const maxExamplesPerCause = 10;
const maxCreatedRecords = 1000;

export type RolledBackRows = Pick<
  Rollback,
  'written' | 'restored' | 'created' | 'createdRecords' | 'already' | 'kept' | 'examples'
>;

/** Reads the records of a run back and hands those that can be restored to the plan. */
export async function rollBackRows(request: RollbackRequest, writer: PlanWriter): Promise<RolledBackRows> {
  const { state, sync, signal, onProgress } = request;
  const { warehouse } = state;
  const types = await readTypes(request);
  const rows = warehouse.stream(warehouse.dialect.compile(rowsOfRun(request)), {
    signal,
    purpose: `read what run ${request.rolledBackRunId} wrote`,
  });
  const counts = { written: 0, restored: 0, created: 0, already: 0 };
  const hidden = personalProperties(sync.properties, request.personalColumns ?? new Set());
  const kept = { ...nothingKept };
  const examples: KeptExample[] = [];
  const createdRecords: { key: string; recordId: string }[] = [];
  await forEachInFlight(inBatches(rows, rowsPerRequest), requestsInFlight, async (batch) => {
    const known = batch.map((row) => knownRecord(row, sync));
    const records = await readBack({ ...request, object: sync.object, types }, known);
    // Of what may never have been sent, only what HubSpot holds says that it was.
    const judged = batch
      .map((row, index) => judge(request, row, types, records[index]))
      .filter(({ row, restore, kept: left }) => !isUnheard(row) || restore.length > 0 || isUnknownBefore(left));
    for (const example of judged.flatMap((each) => each.kept)) {
      kept[example.cause] += 1;
      if (kept[example.cause] <= maxExamplesPerCause) examples.push(withoutPersonal(example, hidden));
    }
    await writer.add(
      judged.flatMap(({ row, restore, values }) => (restore.length === 0 ? [] : [restoredRow(row, restore, values)])),
    );
    for (const { row, restore, kept: left } of judged) {
      if (restore.length > 0) counts.restored += 1;
      else if (left.length === 0) counts.already += 1;
      if (!textOf(row, 'outcome').startsWith('created')) continue;
      counts.created += 1;
      if (createdRecords.length < maxCreatedRecords) {
        createdRecords.push({ key: textOf(row, 'model_key'), recordId: textOf(row, 'record_id') });
      }
    }
    counts.written += judged.length;
    onProgress?.(counts.written);
  });
  return { ...counts, createdRecords, kept, examples };
}

function withoutPersonal(example: KeptExample, hidden: ReadonlySet<string>): KeptExample {
  if (example.property === undefined || !hidden.has(example.property)) return example;
  const hide = (value: string | null | undefined) => (value == null ? value : hiddenValue);
  return { ...example, before: hide(example.before), wrote: hide(example.wrote), holds: hide(example.holds) };
}

interface Judged {
  readonly row: Row;
  /** Properties to restore and their values before. */
  readonly restore: readonly (readonly [property: string, before: string | null])[];
  readonly kept: readonly KeptExample[];
  /** What HubSpot holds. */
  readonly values: RowValues;
}

function judge(
  request: RollbackRequest,
  row: Row,
  types: ReadonlyMap<string, PropertyType>,
  record: ReadRecord | undefined,
): Judged {
  const { overwrite, rolledBackRunId } = request;
  const facts = { key: textOf(row, 'model_key'), recordId: textOf(row, 'record_id') };
  const outcome = textOf(row, 'outcome');
  const lastRun = textOrNull(row, 'last_run');
  const later = lastRun === null || lastRun === rolledBackRunId ? {} : { laterRun: lastRun };
  const keepAll = (cause: KeptCause): Judged => ({
    row,
    restore: [],
    kept: [{ cause, ...facts, ...(cause === 'later_run' && later) }],
    values: {},
  });
  if (record?.kind !== 'there') return keepAll('record_gone');
  // A record that was emptied, or written unheard, need not stand in the snapshot, unless a later run has written it.
  const isFree = !['created', 'updated'].includes(outcome) && textOrNull(row, 'holder') === null;
  if (!isFree && textOrNull(row, 'now_record_id') !== facts.recordId) return keepAll('later_run');
  const isNew = outcome.startsWith('created');
  const oldValues = textOrNull(row, 'old_values');
  const wasEmpty = isNew || row.was_made === true;
  const isUnknown = oldValues === null && !wasEmpty;
  if (isUnknown && !isUnheard(row)) return keepAll('unknown_before');

  const before = wasEmpty && oldValues === null ? {} : parseValues(oldValues);
  const changed = textOrNull(row, 'changed');
  const sentValues = parseValues(textOrNull(row, 'new_values'));
  const wrote = changed === null ? sentValues : pickValues(sentValues, changed.split(','));
  const accepted = parseValues(textOrNull(row, 'property_values'));
  const restore: (readonly [string, string | null])[] = [];
  const kept: KeptExample[] = [];
  for (const property of Object.keys(wrote)) {
    const type = types.get(property);
    if (type === undefined) {
      kept.push({ cause: 'property_gone', ...facts, property });
      continue;
    }
    const canonical = (values: RowValues) => canonicalValue(type, values[property] ?? null);
    const [was, sent, holds] = [canonical(before), canonical(wrote), canonical(record.values)];
    if (isUnknown) {
      if (sent !== null && holds === sent && wasReached(request, row, property, sent)) return keepAll('unknown_before');
      continue;
    }
    if (holds === was || (isUnheard(row) && !wasReached(request, row, property, sent))) continue;
    if (holds === sent || (overwrite && !isUnheard(row))) {
      restore.push([property, before[property] ?? null]);
      continue;
    }
    const cause = later.laterRun !== undefined && holds === canonical(accepted) ? 'later_run' : 'changed_in_hubspot';
    const example = { cause, ...facts, property, before: was, wrote: sent, holds } as const;
    kept.push(cause === 'later_run' ? { ...example, ...later } : example);
  }
  return { row, restore, kept, values: record.values };
}

function isUnknownBefore(kept: readonly KeptExample[]): boolean {
  return kept.some(({ cause }) => cause === 'unknown_before');
}

function isUnheard(row: Row): boolean {
  return ['unheard', 'created unheard'].includes(textOf(row, 'outcome'));
}

/**
 * Whether a value that HubSpot holds, and that the run may have sent unheard, is known to be none that a later run wrote: the
 * first one to write the property found it there, or there is none.
 */
function wasReached({ sync }: RollbackRequest, row: Row, property: string, sent: string | null): boolean {
  const index = sync.properties.findIndex(({ name }) => name === property);
  const type = sync.properties[index]?.type;
  if (type === undefined || (numberOrNull(row, `wrote${index}`) ?? 0) === 0) return true;
  return canonicalValue(type, textOrNull(row, `found${index}`)) === sent;
}

function restoredRow(row: Row, restore: Judged['restore'], held: RowValues) {
  const isInDoubt = textOrNull(row, 'now_record_id') !== null && textOrNull(row, 'values_hash') === null;
  const adopted = (textOrNull(row, 'adopted') ?? '').split(',');
  const planned = textOrNull(row, 'planned_old_values');
  const ours = parseValues(textOrNull(row, 'property_values'));
  // Of others: what the plan was to adopt, and what was found on the record that others merged the row's into.
  const wasOthers = (property: string, before: string) =>
    adopted.includes(property) || (planned !== null && parseValues(planned)[property] !== before);
  const returned = restore.filter(([property, before]) => before !== null && wasOthers(property, before));
  const rowValues = { ...ours, ...Object.fromEntries(restore) };
  return {
    operation: 'update',
    modelKey: textOf(row, 'model_key'),
    recordId: textOf(row, 'record_id'),
    identityId: textOf(row, 'identity_id'),
    changed: restore.map(([property]) => property),
    adopted: restore.flatMap(([name]) =>
      (held[name] ?? null) !== null && (ours[name] ?? null) === null ? [name] : [],
    ),
    rowValues,
    ...(returned.length > 0 && {
      ownValues: { ...rowValues, ...Object.fromEntries(returned.map(([property]) => [property, null])) },
    }),
    oldValues: held,
    // What is in doubt stays so: the values that nobody heard of are read by the next plan.
    valuesHash: isInDoubt ? null : rolledBackHash,
    companionsHash: textOrNull(row, 'companions_hash'),
    tier: textOrNull(row, 'old_tier'),
    oldTier: textOrNull(row, 'tier'),
  } as const;
}

/** Of the sync's properties that HubSpot has; one that the sync lost meanwhile is not Scoreline's to write any more. */
async function readTypes({ hubspot, sync, signal }: RollbackRequest): Promise<ReadonlyMap<string, PropertyType>> {
  const names = sync.properties.map(({ name }) => name);
  const there = new Set((await hubspot.schema.readProperties(sync.object, names, signal)).map(({ name }) => name));
  return new Map(sync.properties.flatMap(({ name, type }) => (there.has(name) ? [[name, type] as const] : [])));
}
