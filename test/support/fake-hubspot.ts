import type {
  Account,
  HubSpot,
  HubSpotLists,
  HubSpotRecords,
  HubSpotSchema,
  List,
  NewProperty,
  Property,
  RecordCreate,
  RecordUpdate,
  Rejection,
  Resolution,
  Usage,
  WriteOutcome,
} from '../../src/hubspot/types.ts';

export interface FakeRecord {
  readonly id: string;
  /** As HubSpot holds them: texts. E-mail addresses in lower case. */
  readonly properties: Readonly<Record<string, string>>;
  /** Times it was created or updated. */
  readonly writes: number;
}

/** One call that changed something, or tried to. */
export interface FakeWrite {
  readonly call:
    | 'create'
    | 'update'
    | 'createGroup'
    | 'createProperty'
    | 'updateOptions'
    | 'createList'
    | 'changeMembers';
  readonly object?: string;
  readonly records?: number;
}

const objectTypeIds: Readonly<Record<string, string>> = { contacts: '0-1', companies: '0-2' };

/**
 * HubSpot in memory, behind the interface that `sync/` sees: outcomes per record, unknown properties and values of the
 * wrong kind refused, contacts unique by e-mail (secondary addresses too), companies not unique by domain.
 */
export class FakeHubSpot implements HubSpot {
  readonly writes: FakeWrite[] = [];
  readonly resolved: string[] = [];
  /** Refuses a record's write where it returns a rejection. */
  refuse: (properties: Readonly<Record<string, string>>) => Rejection | null = () => null;
  /** Runs before each write of records; what it throws, the call throws. */
  beforeWrite: () => void | Promise<void> = () => {};
  /** Postpones every write of records while it is set. */
  spentUntil: Date | null = null;
  /** What HubSpot says of its limit of custom properties. */
  propertiesLeft: number | undefined;
  /** What HubSpot says of its limit of records, and of the token's scopes. */
  recordsLeft: number | undefined;
  granted: ReadonlySet<string> | undefined;
  /** False: answers do not say which members were new. */
  tellsAdded = true;
  #account: Account = { portalId: 1001, accountType: 'STANDARD', timeZone: 'UTC', uiDomain: 'app.hubspot.com' };
  #records = new Map<string, Map<string, { properties: Record<string, string>; writes: number }>>();
  #properties = new Map<string, Property[]>();
  #groups = new Map<string, string[]>();
  #lists = new Map<string, List & { members: Set<string> }>();
  /** `object/property/value` → record ids. */
  #index = new Map<string, Set<string>>();
  #nextId = 501;
  #calls = 0;

  constructor() {
    for (const object of Object.keys(objectTypeIds)) {
      this.#records.set(object, new Map());
      this.#groups.set(object, [`${object}information`]);
    }
    for (const [object, names] of [
      ['contacts', ['email', 'firstname', 'hs_additional_emails']],
      ['companies', ['domain', 'name']],
    ] as const) {
      this.#properties.set(
        object,
        names.map((name) => ({ ...textProperty(name), hasUniqueValue: name === 'email' })),
      );
    }
  }

  /** As if the token were another account's: nothing else changes. */
  usePortal(portalId: number): void {
    this.#account = { ...this.#account, portalId };
  }

  seed(object: string, properties: Readonly<Record<string, string>>): string {
    const id = String(this.#nextId++);
    this.#of(object).set(id, { properties: { ...properties }, writes: 0 });
    this.#reindex(object, id, {}, properties);
    return id;
  }

  addProperty(object: string, property: Partial<Property> & { name: string }): void {
    this.#properties.get(object)?.push({ ...textProperty(property.name), ...property });
  }

  addList(list: Partial<List> & { name: string }, members: readonly string[] = []): string {
    const listId = String(this.#nextId++);
    const made = { listId, objectTypeId: '0-1', processingType: 'MANUAL', ...list };
    this.#lists.set(listId, { ...made, members: new Set(members) });
    return listId;
  }

  dropList(listId: string): void {
    this.#lists.delete(listId);
  }

  remove(object: string, id: string): void {
    this.#reindex(object, id, this.#of(object).get(id)?.properties ?? {}, {});
    this.#of(object).delete(id);
  }

  /** The winner gets the loser's address as a secondary one. */
  merge(winner: string, loser: string): void {
    const contacts = this.#of('contacts');
    const email = contacts.get(loser)?.properties.email ?? '';
    this.remove('contacts', loser);
    const kept = contacts.get(winner)?.properties;
    if (kept === undefined) throw new Error(`no contact ${winner}`);
    const before = { ...kept };
    kept.hs_additional_emails = [kept.hs_additional_emails, email].filter(Boolean).join(';');
    this.#reindex('contacts', winner, before, kept);
  }

  stored(object: string): readonly FakeRecord[] {
    return [...this.#of(object)].map(([id, { properties, writes }]) => ({ id, properties: { ...properties }, writes }));
  }

  /** Records by e-mail or domain, without that property itself. */
  values(object: string): Record<string, Record<string, string>> {
    return Object.fromEntries(
      this.stored(object).map(({ properties }) => {
        const { email, domain, ...others } = properties;
        return [email ?? domain ?? '', others];
      }),
    );
  }

  members(name: string): readonly string[] {
    const list = [...this.#lists.values()].find((each) => each.name === name);
    return [...(list?.members ?? [])].sort();
  }

  propertiesOf(object: string): readonly Property[] {
    return this.#properties.get(object) ?? [];
  }

  readonly scopes = async (): Promise<ReadonlySet<string> | undefined> => this.granted;

  async account(): Promise<Account> {
    return this.#account;
  }

  usage(): Usage {
    return { calls: this.#calls, retries: 0, burstPer10s: 100, dailyLimit: 250_000 };
  }

  async close(): Promise<void> {}

  readonly schema: HubSpotSchema = {
    readProperties: async (object) => [...(this.#properties.get(object) ?? [])],
    readPropertiesLeft: async () => this.propertiesLeft,
    readRecordsLeft: async () => this.recordsLeft,
    readGroups: async (object) => [...(this.#groups.get(object) ?? [])],
    createGroup: async (object, group) => {
      this.#note({ call: 'createGroup', object });
      this.#groups.get(object)?.push(group.name);
    },
    createProperty: async (object, property) => {
      this.#note({ call: 'createProperty', object });
      if (!this.#groups.get(object)?.includes(property.groupName)) throw new Error(`no group ${property.groupName}`);
      this.#properties.get(object)?.push(madeProperty(property));
    },
    updateOptions: async (object, name, options) => {
      this.#note({ call: 'updateOptions', object });
      const properties = this.#properties.get(object) ?? [];
      this.#properties.set(
        object,
        properties.map((property) => (property.name === name ? { ...property, options } : property)),
      );
    },
  };

  readonly records: HubSpotRecords = {
    resolve: async ({ object, property, values, properties }, signal) => {
      signal?.throwIfAborted();
      this.#calls += Math.ceil(values.length / 100);
      this.resolved.push(...values);
      const found = new Map<string, Resolution>();
      for (const value of values) {
        const ids = this.#find(object, property, value);
        const [recordId] = ids;
        if (ids.length > 1) found.set(value, { kind: 'ambiguous', recordIds: ids });
        else if (recordId !== undefined) {
          const held = this.#of(object).get(recordId)?.properties ?? {};
          const read = Object.fromEntries(properties.map((name) => [name, held[name] ?? null]));
          found.set(value, { kind: 'found', recordId, properties: read });
        }
      }
      return found;
    },
    write: async (request, signal) => {
      if (request.records.length > 100) throw new Error(`${request.records.length} records in one call`);
      const traceIds = new Set(request.records.map(({ traceId }) => traceId));
      if (traceIds.size < request.records.length) throw new Error('a trace id occurs twice');
      const deferred = (reason: string, retryAt?: Date) =>
        request.records.map((): WriteOutcome => ({ kind: 'deferred', reason, ...(retryAt && { retryAt }) }));
      if (signal?.aborted) return deferred('the run was interrupted');
      if (this.spentUntil !== null) return deferred('the daily limit is spent', this.spentUntil);
      await this.beforeWrite();
      this.#note({ call: request.kind, object: request.object, records: request.records.length });
      return request.kind === 'update'
        ? request.records.map((record) => this.#update(request.object, record))
        : request.records.map((record) => this.#create(request.object, request.matchProperty, record));
    },
  };

  readonly lists: HubSpotLists = {
    find: async ({ listId, name }) => {
      const byId = listId === undefined ? undefined : this.#lists.get(listId);
      return byId ?? [...this.#lists.values()].find((list) => list.name === name) ?? null;
    },
    create: async ({ name, object }) => {
      this.#note({ call: 'createList', object });
      const listId = this.addList({ name, objectTypeId: objectTypeIds[object] ?? object });
      return { listId, name, objectTypeId: objectTypeIds[object] ?? object, processingType: 'MANUAL' };
    },
    membersPerCall: 10_000,
    changeMembers: async ({ operation, listId, recordIds }) => {
      await this.beforeWrite();
      this.#note({ call: 'changeMembers', records: recordIds.length });
      const list = this.#lists.get(listId);
      if (list === undefined) throw new Error(`no list ${listId}`);
      const known = (id: string) => [...this.#records.values()].some((records) => records.has(id));
      const missing = recordIds.filter((id) => !known(id));
      if (operation === 'remove') {
        for (const id of recordIds) list.members.delete(id);
        return { kind: 'changed', missing };
      }
      const added = recordIds.filter((id) => known(id) && !list.members.has(id));
      for (const id of added) list.members.add(id);
      return { kind: 'changed', missing, ...(this.tellsAdded && { added }) };
    },
    readMembers: (listId) => this.#pageMembers(listId),
  };

  async *#pageMembers(listId: string): AsyncGenerator<readonly string[]> {
    const list = this.#lists.get(listId);
    if (list === undefined) throw new Error(`no list ${listId}`);
    const members = [...list.members];
    for (let at = 0; at < members.length; at += 250) yield members.slice(at, at + 250);
  }

  #note(write: FakeWrite): void {
    this.#calls += 1;
    this.writes.push(write);
  }

  #of(object: string) {
    const records = this.#records.get(object);
    if (records === undefined) throw new Error(`no object ${object}`);
    return records;
  }

  #find(object: string, property: string, value: string): string[] {
    if (property === 'hs_object_id') return this.#of(object).has(value) ? [value] : [];
    return [...(this.#index.get(indexKey(object, property, value)) ?? [])];
  }

  #reindex(object: string, id: string, before: Values, after: Values): void {
    for (const [property, value] of indexedValues(before))
      this.#index.get(indexKey(object, property, value))?.delete(id);
    for (const [property, value] of indexedValues(after)) {
      const key = indexKey(object, property, value);
      const ids = this.#index.get(key) ?? new Set();
      this.#index.set(key, ids.add(id));
    }
  }

  #create(object: string, matchProperty: string, record: RecordCreate): WriteOutcome {
    const rejection = this.#judge(object, record.properties);
    if (rejection !== null) return { kind: 'rejected', rejection };
    if (matchProperty === 'email' && !record.matchValue.includes('@')) {
      return { kind: 'rejected', rejection: { category: 'VALIDATION_ERROR', message: 'Email address is invalid' } };
    }
    const key = object === 'companies' ? 'scoreline_key' : matchProperty;
    const [existing] = this.#find(object, key, record.matchValue);
    if (existing !== undefined) return this.#update(object, { ...record, recordId: existing });
    const recordId = this.seed(object, {
      [matchProperty]: record.matchValue,
      [key]: record.matchValue,
      ...record.properties,
    });
    const made = this.#of(object).get(recordId);
    if (made !== undefined) made.writes = 1;
    return { kind: 'accepted', recordId, created: true };
  }

  #update(object: string, { recordId, properties }: RecordUpdate): WriteOutcome {
    const held = this.#of(object).get(recordId);
    if (held === undefined) {
      return {
        kind: 'vanished',
        rejection: { category: 'OBJECT_NOT_FOUND', message: `no ${object} record ${recordId}` },
      };
    }
    const rejection = this.#judge(object, properties);
    if (rejection !== null) return { kind: 'rejected', rejection };
    for (const [name, value] of Object.entries(properties)) {
      if (value === '') delete held.properties[name];
      else held.properties[name] = value;
    }
    held.writes += 1;
    return { kind: 'accepted', recordId, created: false };
  }

  #judge(object: string, values: Readonly<Record<string, string>>): Rejection | null {
    for (const [name, value] of Object.entries(values)) {
      const property = this.#properties.get(object)?.find((each) => each.name === name);
      const message = property === undefined ? `Property "${name}" does not exist` : misfit(property, value);
      if (message !== null) return { category: 'VALIDATION_ERROR', message, property: name, correlationId: 'c-1' };
    }
    return this.refuse(values);
  }
}

type Values = Readonly<Record<string, string>>;

function indexKey(object: string, property: string, value: string): string {
  return `${object}/${property}/${value.toLowerCase()}`;
}

/** What records are found by; a secondary address counts as an address. */
function indexedValues(values: Values): readonly (readonly [property: string, value: string])[] {
  return ['email', 'hs_additional_emails', 'domain', 'scoreline_key'].flatMap((name) =>
    (values[name] ?? '')
      .split(';')
      .filter(Boolean)
      .map((value) => [name === 'hs_additional_emails' ? 'email' : name, value] as const),
  );
}

function misfit({ type, options = [] }: Property, value: string): string | null {
  if (value === '') return null;
  switch (type) {
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(value) ? null : `${value} was not a valid number`;
    case 'bool':
      return value === 'true' || value === 'false' ? null : `${value} was not a valid boolean`;
    case 'date':
      return /^\d{4}-\d\d-\d\d$/.test(value) ? null : `${value} was not a valid date`;
    case 'datetime':
      return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/.test(value) ? null : `${value} was not a valid long`;
    case 'enumeration':
      return options.some((option) => option.value === value) ? null : `${value} was not one of the allowed options`;
    default:
      return null;
  }
}

function textProperty(name: string): Property {
  return {
    ...madeProperty({ name, label: name, description: '', type: 'string', fieldType: 'text', groupName: 'info' }),
  };
}

function madeProperty(property: NewProperty): Property {
  return { ...property, hasUniqueValue: property.hasUniqueValue ?? false, readOnly: false, calculated: false };
}
