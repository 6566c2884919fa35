import type { Account } from '../account/account.ts';
import type { CrmRecord } from '../account/crm-record.ts';
import type { ObjectType } from '../account/object-type.ts';
import { history } from '../api/render-record.ts';

interface Page {
  readonly after?: string;
  readonly limit: number;
}

/** All values of a page of records, with the write counters. */
export function pageOfRecords(type: ObjectType, { after, limit, archived }: Page & { readonly archived: boolean }) {
  const records = take(type.records.page(after, archived), limit);
  return {
    object: type.names.name,
    total: archived ? type.records.archivedSize : type.records.size,
    records: records.map((record) => summary(type, record)),
    ...(records.length === limit && limit > 0 && { after: records.at(-1)?.id }),
  };
}

/** One record with everything the sandbox knows of it; archived ones too. */
export function describeRecord(account: Account, type: ObjectType, id: string) {
  const record = type.records.get(id) ?? type.records.getArchived(id);
  if (record === undefined) return undefined;
  const onLists = account.lists.filter((list) => list.definition.objectTypeId === type.names.id && list.has(id));
  return {
    ...summary(type, record),
    archived: record.archivedAt !== undefined,
    history: Object.fromEntries(Object.keys(record.values).map((name) => [name, history(record, name)])),
    lists: onLists.map(({ definition }) => ({ listId: definition.listId, name: definition.name })),
  };
}

/** Counters of the records that were written at least `min` times. */
export function pageOfWrites(type: ObjectType, { after, limit, min }: Page & { readonly min: number }) {
  const written = function* () {
    for (const record of type.records.page(after)) if (record.writeCount >= min) yield record;
  };
  const records = take(written(), limit);
  return {
    records: records.map(({ id, writeCount, changeCount }) => ({ id, writes: writeCount, changes: changeCount })),
    ...(records.length === limit && limit > 0 && { after: records.at(-1)?.id }),
  };
}

/** Sums over all records, archived ones included; reads each of them. */
export function writeTotals(type: ObjectType) {
  const totals = { object: type.names.name, total: type.records.size, created: 0, written: 0, writes: 0, changes: 0 };
  for (const record of type.records.all()) {
    if (record.writeCount === 0) continue;
    totals.written += 1;
    totals.writes += record.writeCount;
    totals.changes += record.changeCount;
    if (record.writes[0]?.source === 'API' && record.writes[0].at === record.createdAt) totals.created += 1;
  }
  return totals;
}

function summary(type: ObjectType, record: CrmRecord) {
  const properties: Record<string, string | null> = {};
  for (const name of Object.keys(record.values)) if (record.values[name]) properties[name] = type.valueOf(record, name);
  return {
    id: record.id,
    createdAt: new Date(record.createdAt).toISOString(),
    updatedAt: new Date(record.updatedAt).toISOString(),
    properties,
    mergedIds: record.mergedIds,
    writes: record.writeCount,
    changes: record.changeCount,
  };
}

export function take<T>(items: Iterable<T>, limit: number): readonly T[] {
  const taken: T[] = [];
  if (limit === 0) return taken;
  for (const item of items) {
    taken.push(item);
    if (taken.length === limit) break;
  }
  return taken;
}
