import type { AccountIdentity, Change, StoredRecord } from './change.ts';
import { CrmList } from './crm-list.ts';
import type { CrmRecord } from './crm-record.ts';
import { ObjectType, type ObjectTypeNames } from './object-type.ts';
import { propertyValues } from './property-values.ts';
import { standardObjectTypes } from './standard-object-types.ts';
import { standardGroup, standardProperties } from './standard-properties.ts';

/** One HubSpot account in memory. */
export class Account {
  identity: AccountIdentity;
  readonly #types = new Map<string, ObjectType>();
  readonly #lists = new Map<string, CrmList>();
  readonly #deletedLists = new Map<string, CrmList>();
  readonly #listsByName = new Map<string, string>();
  #lastListId = 0;
  /** Called after every change, for whoever keeps them. */
  onChange: ((change: Change) => void) | undefined;

  constructor(identity: AccountIdentity, createdAtMs: number) {
    this.identity = identity;
    for (const names of standardObjectTypes) this.#addType(names, createdAtMs);
  }

  get types(): readonly ObjectType[] {
    return [...this.#types.values()];
  }

  get lists(): readonly CrmList[] {
    return [...this.#lists.values()];
  }

  get deletedLists(): readonly CrmList[] {
    return [...this.#deletedLists.values()];
  }

  /** @param name plural or singular name, id, or fully qualified name (`p123_car`) */
  findType(name: string): ObjectType | undefined {
    const byId = this.#types.get(name);
    if (byId !== undefined) return byId;
    const wanted = name.toLowerCase();
    const qualified = `p${this.identity.portalId}_`;
    const plain = wanted.startsWith(qualified) ? wanted.slice(qualified.length) : wanted;
    return this.types.find(({ names }) => names.name === plain || names.singular === plain);
  }

  findList(listId: string): CrmList | undefined {
    return this.#lists.get(listId);
  }

  findDeletedList(listId: string): CrmList | undefined {
    return this.#deletedLists.get(listId);
  }

  /** Names are compared without case; they are unique in an account. */
  findListByName(name: string): CrmList | undefined {
    const id = this.#listsByName.get(name.toLowerCase());
    return id === undefined ? undefined : this.#lists.get(id);
  }

  nextListId(): string {
    return String(this.#lastListId + 1);
  }

  /** Makes a change and tells `onChange`. Trusts that the change makes sense: checks are the caller's. */
  apply(change: Change): void {
    this.#apply(change);
    this.onChange?.(change);
  }

  #apply(change: Change): void {
    switch (change.kind) {
      case 'identity':
        this.identity = change.identity;
        return;
      case 'object_type':
        this.#addType(change.names, 0);
        return;
      case 'group':
        this.#type(change.object).putGroup(change.group);
        return;
      case 'group_removed':
        this.#type(change.object).removeGroup(change.name);
        return;
      case 'property':
        this.#type(change.object).putProperty(change.property);
        return;
      case 'record':
        this.#type(change.object).records.insert(recordFrom(change.record));
        return;
      case 'record_written': {
        const record = this.#record(change.object, change.id);
        this.#type(change.object).records.write(record, change.write);
        if (change.write.source === 'API') {
          record.writeCount += 1;
          if (Object.keys(change.write.values).length > 0) record.changeCount += 1;
        }
        return;
      }
      case 'record_archived':
        this.#type(change.object).records.archive(this.#record(change.object, change.id), change.at);
        for (const list of this.#listsOf(change.object)) list.change([], [change.id], change.at);
        return;
      case 'records_merged': {
        const { winner, loser, at } = change;
        this.#type(change.object).records.merge(
          this.#record(change.object, winner),
          this.#record(change.object, loser),
          at,
        );
        for (const list of this.#listsOf(change.object)) list.change(list.has(loser) ? [winner] : [], [loser], at);
        return;
      }
      case 'list':
        this.#putList(change.list);
        return;
      case 'members':
        this.#lists.get(change.listId)?.change(change.add, change.remove, change.at);
        return;
      default: {
        const never: never = change;
        throw new TypeError(`unknown change ${JSON.stringify(never)}`);
      }
    }
  }

  #addType(names: ObjectTypeNames, createdAtMs: number): void {
    const type = new ObjectType(names);
    type.putGroup(standardGroup(names));
    for (const property of standardProperties(names, createdAtMs)) type.putProperty(property);
    this.#types.set(names.id, type);
  }

  #putList(definition: CrmList['definition']): void {
    const { listId } = definition;
    const list = this.#lists.get(listId) ?? this.#deletedLists.get(listId) ?? new CrmList(definition);
    this.#listsByName.delete(list.definition.name.toLowerCase());
    list.definition = definition;
    this.#lastListId = Math.max(this.#lastListId, Number(listId));
    const [to, from] =
      definition.deletedAt === undefined ? [this.#lists, this.#deletedLists] : [this.#deletedLists, this.#lists];
    from.delete(listId);
    to.set(listId, list);
    if (definition.deletedAt === undefined) this.#listsByName.set(definition.name.toLowerCase(), listId);
  }

  *#listsOf(object: string): Generator<CrmList> {
    for (const list of this.#lists.values()) if (list.definition.objectTypeId === object) yield list;
  }

  #type(object: string): ObjectType {
    const type = this.#types.get(object);
    if (type === undefined) throw new RangeError(`no object type ${object}`);
    return type;
  }

  #record(object: string, id: string): CrmRecord {
    const record = this.#type(object).records.get(id);
    if (record === undefined) throw new RangeError(`no record ${id} of type ${object}`);
    return record;
  }
}

function recordFrom(stored: StoredRecord): CrmRecord {
  const writes = stored.writes.map((write) => ({ ...write, values: propertyValues(write.values) }));
  const only = writes.length === 1 ? writes[0]?.values : undefined;
  const { archivedAt } = stored;
  return {
    id: stored.id,
    createdAt: stored.createdAt,
    updatedAt: stored.updatedAt,
    ...(archivedAt === undefined ? {} : { archivedAt }),
    values: stored.values === undefined && only !== undefined ? only : propertyValues(stored.values),
    writes,
    mergedIds: stored.mergedIds ?? [],
    writeCount: stored.writeCount ?? 0,
    changeCount: stored.changeCount ?? 0,
  };
}
