import { sql } from 'kysely';
import type { PropertyType } from '../project/sync-types.ts';
import type { Fragment } from '../sql/types.ts';
import { textOf, textOrNull } from '../state/row-values.ts';
import { stateTable } from '../state/state.ts';
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
      .filter(({ row, restore }) => textOrNull(row, 'changed') === null || restore.length > 0);
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

/**
 * One row per row that the run wrote, or may have written unheard: its last accepted outcome, how it stands now, and who
 * wrote it last.
 */
function rowsOfRun(request: RollbackRequest): Fragment {
  const { state, portalId, sync, rolledBackRunId } = request;
  const noText = sql`cast(null as ${state.warehouse.dialect.type({ kind: 'text' })})`;
  const accepted = sql`l.portal_id = ${portalId} and l.sync = ${sync.name} and l.list is null
    and l.outcome in ('created', 'updated', 'cleared') and l.record_id is not null`;
  return sql`select w.model_key, w.record_id, w.identity_id, w.outcome, w.changed, w.old_values, w.new_values, p.old_tier,
  p.adopted, p.old_values as planned_old_values, later.old_values as later_old_values, later.new_values as later_new_values,
  s.record_id as now_record_id, s.property_values, s.values_hash, s.companions_hash, s.tier, h.model_key as holder, i.property, i.match_value,
  n.run_id as last_run, n.new_values as last_new_values
from (
  select plan_id, model_key, record_id, identity_id, outcome, ${noText} as changed, old_values, new_values from (
    select l.*, row_number() over (partition by l.model_key order by l.attempted_at desc, l.sequence desc) as recency
    from ${stateTable(state, 'ledger')} l where ${accepted} and l.run_id = ${rolledBackRunId}
  ) heard where recency = 1
  union all ${unheardOfRun(request)}
) w
left join ${stateTable(state, 'snapshot')} s
  on s.portal_id = ${portalId} and s.sync = ${sync.name} and s.model_key = w.model_key
left join (
  select record_id, max(model_key) as model_key from ${stateTable(state, 'snapshot')}
  where portal_id = ${portalId} and sync = ${sync.name} and record_id is not null group by record_id
) h on h.record_id = w.record_id
left join ${stateTable(state, 'identities')} i on i.identity_id = w.identity_id and i.portal_id = ${portalId}
left join ${stateTable(state, 'plan_rows')} p on p.plan_id = w.plan_id and p.model_key = w.model_key and p.list is null and p.verdict = 'send'
left join (
  select l.model_key, l.run_id, l.new_values, row_number() over (partition by l.model_key order by l.attempted_at desc, l.sequence desc) as recency
  from ${stateTable(state, 'ledger')} l where ${accepted}
) n on n.model_key = w.model_key and n.recency = 1
left join (
  select l.model_key, l.old_values, l.new_values, row_number() over (partition by l.model_key order by l.attempted_at, l.sequence) as place
  from ${stateTable(state, 'ledger')} l
  where ${accepted} and l.run_id <> ${rolledBackRunId} and l.attempted_at > (
    select max(created_at) from ${stateTable(state, 'plans')}
    where applied_by = ${rolledBackRunId} and portal_id = ${portalId} and sync = ${sync.name}
  )
) later on later.model_key = w.model_key and later.place = 1`;
}

/**
 * Rows that were written but for their lifecycle stage, were sent and had no answer, or may have been in flight when the run
 * came to a bad end. A record whose id is not known is found by the next run of the sync.
 */
function unheardOfRun({ state, portalId, sync, rolledBackRunId }: RollbackRequest): Fragment {
  return sql`select p.plan_id, p.model_key, coalesce(p.record_id, i.record_id) as record_id, p.identity_id,
    case when p.operation = 'create' then 'created unheard' else 'unheard' end as outcome, p.changed, p.old_values, p.row_values as new_values
  from ${stateTable(state, 'plan_rows')} p
  join ${stateTable(state, 'plans')} n on n.plan_id = p.plan_id
  left join ${stateTable(state, 'runs')} r on r.run_id = n.applied_by
  left join ${stateTable(state, 'identities')} i on i.identity_id = p.identity_id and i.portal_id = ${portalId}
  left join (
    select l.model_key, l.plan_id, max(case when l.outcome = 'deferred' or l.category = 'LIFECYCLE_STAGE_KEPT' then 0 else 1 end) as is_answered
    from ${stateTable(state, 'ledger')} l where l.portal_id = ${portalId} and l.sync = ${sync.name} and l.list is null
    group by l.model_key, l.plan_id
  ) l on l.plan_id = p.plan_id and l.model_key = p.model_key
  where n.applied_by = ${rolledBackRunId} and n.portal_id = ${portalId} and n.sync = ${sync.name}
    and p.list is null and p.verdict = 'send' and coalesce(p.record_id, i.record_id) is not null
    and (l.is_answered = 0 or (l.is_answered is null and coalesce(r.status, 'killed') <> 'finished'))`;
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
  if (oldValues === null && !isNew) return keepAll('unknown_before');

  const before = isNew ? {} : parseValues(oldValues);
  const changed = textOrNull(row, 'changed');
  const isHeard = changed === null;
  const sentValues = parseValues(textOrNull(row, 'new_values'));
  const wrote = isHeard ? sentValues : pickValues(sentValues, changed.split(','));
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
    if (holds === was || (!isHeard && !wasReached(row, property, sent, canonical))) continue;
    if (holds === sent || (overwrite && isHeard)) {
      restore.push([property, before[property] ?? null]);
      continue;
    }
    const cause = later.laterRun !== undefined && holds === canonical(accepted) ? 'later_run' : 'changed_in_hubspot';
    const example = { cause, ...facts, property, before: was, wrote: sent, holds } as const;
    kept.push(cause === 'later_run' ? { ...example, ...later } : example);
  }
  return { row, restore, kept, values: record.values };
}

/**
 * Whether a value that HubSpot holds, and that the run may have sent unheard, can be the run's: the first later run that wrote
 * the property found it there, or none wrote it.
 */
function wasReached(
  row: Row,
  property: string,
  sent: string | null,
  canonical: (values: RowValues) => string | null,
): boolean {
  if (textOrNull(row, 'later_new_values') === null) return true;
  const [found = {}, wrote = {}, last = {}] = ['later_old_values', 'later_new_values', 'last_new_values'].map(
    (column) => parseValues(textOrNull(row, column)),
  );
  return property in wrote ? canonical(found) === sent : !(property in last);
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
