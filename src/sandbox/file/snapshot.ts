import type { Account } from '../account/account.ts';
import type { Change, StoredRecord } from '../account/change.ts';
import type { CrmList } from '../account/crm-list.ts';
import type { CrmRecord } from '../account/crm-record.ts';
import { standardGroup } from '../account/standard-properties.ts';

/** @returns the fewest changes that make the account out of a new one */
export function* snapshotOf(account: Account): Generator<Change> {
  yield { kind: 'identity', identity: account.identity };
  for (const type of account.types) {
    const object = type.names.id;
    if (type.names.custom) yield { kind: 'object_type', names: type.names };
    const standard = standardGroup(type.names).name;
    for (const group of type.groups.values()) if (group.name !== standard) yield { kind: 'group', object, group };
    for (const property of [...type.properties.values(), ...type.archivedProperties.values()]) {
      if (!property.hubspotDefined) yield { kind: 'property', object, property };
    }
    for (const record of type.records.all()) yield { kind: 'record', object, record: stored(record) };
  }
  for (const list of [...account.lists, ...account.deletedLists]) yield* snapshotOfList(list);
}

function* snapshotOfList(list: CrmList): Generator<Change> {
  const { listId, deletedAt, ...definition } = list.definition;
  // Members can be put into a live list only, so a deleted one is deleted again at the end.
  yield { kind: 'list', list: { ...definition, listId } };
  let add: string[] = [];
  let at = Number.NaN;
  for (const id of list.inJoinOrder()) {
    const joinedAt = list.joinedAt(id) ?? 0;
    if (joinedAt !== at && add.length > 0) {
      yield { kind: 'members', listId, add, remove: [], at };
      add = [];
    }
    at = joinedAt;
    add.push(id);
  }
  if (add.length > 0) yield { kind: 'members', listId, add, remove: [], at };
  if (deletedAt !== undefined) yield { kind: 'list', list: list.definition };
}

function stored(record: CrmRecord): StoredRecord {
  const { id, createdAt, updatedAt, archivedAt, values, writes, mergedIds, writeCount, changeCount } = record;
  return {
    id,
    createdAt,
    updatedAt,
    ...(archivedAt !== undefined && { archivedAt }),
    ...(values !== writes[0]?.values && { values }),
    writes,
    ...(mergedIds.length > 0 && { mergedIds }),
    ...(writeCount > 0 && { writeCount, changeCount }),
  };
}
