import { sql } from 'kysely';
import type { Fragment } from '../sql/types.ts';
import { textOf, textOrNull } from '../state/row-values.ts';
import { stateTable } from '../state/state.ts';
import type { Row } from '../warehouse/port.ts';
import type { AuditRequest } from './audit-request.ts';
import { type DriftCause, type DriftExample, noDrift } from './audit-types.ts';
import { canonicalValue } from './canonical-value.ts';
import { hiddenValue, personalProperties } from './hide-personal.ts';
import { forEachInFlight, inBatches } from './in-flight.ts';
import { type RestoredRow, rolledBackHash } from './plan-writer.ts';
import { knownRecord, type ReadRecord, readBack } from './read-back.ts';
import { readClearing } from './read-clearing.ts';
import { parseValues, type RowValues } from './row-payload.ts';

/** Behind every instant. */
const noInstant = '9999';

/** Ten calls' worth, so that one answer that is late does not hold up the others. */
const rowsPerRequest = 1000;
const requestsInFlight = 8;
const maxExamplesPerCause = 10;

export interface AuditedRows {
  readonly audited: number;
  readonly drift: Readonly<Record<DriftCause, number>>;
  readonly examples: readonly DriftExample[];
}

/** A row of the snapshot and what became of its record; nothing to restore where HubSpot has lost the property itself. */
interface Finding {
  readonly example: DriftExample;
  readonly restored: RestoredRow | null;
}

/** Reads the snapshot's records back, side by side and within the quota, and compares. */
export async function auditRows(request: AuditRequest): Promise<AuditedRows> {
  const { state, sync, types, signal, onDrift, onProgress } = request;
  const { warehouse } = state;
  const purpose = `read the snapshot of ${sync.name}`;
  const rows = warehouse.stream(warehouse.dialect.compile(snapshotRows(request)), { signal, purpose });
  const hidden = personalProperties(sync.properties, request.personalColumns ?? new Set());
  const clearing = await readClearing(request);
  const drift = { ...noDrift };
  const examples: DriftExample[] = [];
  let audited = 0;
  await forEachInFlight(inBatches(rows, rowsPerRequest), requestsInFlight, async (batch) => {
    const known = batch.map((row) => knownRecord(row, sync));
    const records = await readBack({ ...request, object: sync.object, types }, known);
    const findings = batch.flatMap((row, index) => judge({ ...request, clearing }, row, records[index]) ?? []);
    for (const { example } of findings) {
      drift[example.cause] += 1;
      if (drift[example.cause] <= maxExamplesPerCause) examples.push(withoutPersonal(example, hidden));
    }
    await onDrift?.(findings.flatMap(({ restored }) => restored ?? []));
    audited += batch.length;
    onProgress?.(audited);
  });
  return { audited, drift, examples };
}

function withoutPersonal(example: DriftExample, hidden: ReadonlySet<string>): DriftExample {
  const hide = (value: string | null) => (value === null ? null : hiddenValue);
  return {
    ...example,
    values: example.values.map((value) =>
      hidden.has(value.property) ? { ...value, wrote: hide(value.wrote), holds: hide(value.holds) } : value,
    ),
  };
}

function snapshotRows(request: AuditRequest): Fragment {
  const { state, portalId, sync } = request;
  return sql`select s.model_key, s.record_id, s.identity_id, s.property_values, s.values_hash, s.companions_hash, s.tier, s.accepted_at,
  i.property, i.match_value
from ${stateTable(state, 'snapshot')} s
left join ${stateTable(state, 'identities')} i on i.identity_id = s.identity_id and i.portal_id = s.portal_id
where s.portal_id = ${portalId} and s.sync = ${sync.name} and s.record_id is not null and s.values_hash is not null${isNotExcluded(request)}`;
}

function isNotExcluded({ excluded }: AuditRequest): Fragment {
  return excluded === undefined ? sql`` : sql` and s.model_key not in (${excluded})`;
}

interface JudgeRequest extends AuditRequest {
  /** Properties whose nulls empty values of others too → the instant since when. */
  readonly clearing: ReadonlyMap<string, string>;
}

/** @returns null for a record that is as Scoreline left it */
function judge(request: JudgeRequest, row: Row, record: ReadRecord | undefined): Finding | null {
  const wrote = parseValues(textOrNull(row, 'property_values'));
  const key = textOf(row, 'model_key');
  const recordId = textOf(row, 'record_id');
  const tier = textOrNull(row, 'tier');
  const restore = (changed: readonly string[], oldValues: RowValues, adopted: readonly string[] = []): RestoredRow => ({
    operation: 'update',
    modelKey: key,
    recordId,
    identityId: textOf(row, 'identity_id'),
    changed,
    adopted,
    rowValues: wrote,
    oldValues,
    valuesHash: textOf(row, 'values_hash'),
    companionsHash: textOrNull(row, 'companions_hash'),
    tier,
    oldTier: tier,
  });
  if (record?.kind === 'there') {
    const isRolledBack = textOf(row, 'values_hash') === rolledBackHash;
    const acceptedAt = textOf(row, 'accepted_at');
    const wasCleared = (name: string) => !isRolledBack && acceptedAt >= (request.clearing.get(name) ?? noInstant);
    const values = driftedValues(request, wrote, record.values, wasCleared);
    if (values.length === 0) return null;
    const cause = values.some(({ holds }) => holds !== null) ? 'changed' : 'lost';
    const names = values.flatMap(({ property }) => (request.types.has(property) ? [property] : []));
    // A value of ours that somebody changed stays ours to write, also where the mending is rolled back.
    const others = values.flatMap((each) => (each.wrote === null && each.holds !== null ? [each.property] : []));
    const restored = names.length === 0 ? null : restore(names, record.values, others);
    return { example: { cause, key, recordId, values }, restored };
  }
  const restored = restore(
    Object.keys(wrote).filter((name) => wrote[name] !== null),
    {},
  );
  if (record?.kind !== 'merged') return { example: { cause: 'deleted', key, recordId, values: [] }, restored };
  const { nowRecordId } = record;
  return { example: { cause: 'merged', key, recordId, nowRecordId, values: [] }, restored };
}

function driftedValues(
  { sync }: AuditRequest,
  wrote: RowValues,
  holds: RowValues,
  wasCleared: (property: string) => boolean,
): DriftExample['values'] {
  return sync.properties.flatMap(({ name, type, write }) => {
    const ours = canonicalValue(type, wrote[name] ?? null);
    const theirs = holds[name] ?? null;
    // What Scoreline filled once it leaves to others; what it has left alone, or put back, is not its own.
    const isOurs = write === 'always' && (ours !== null || wasCleared(name));
    if (!isOurs || ours === theirs) return [];
    return [{ property: name, wrote: ours, holds: theirs }];
  });
}
