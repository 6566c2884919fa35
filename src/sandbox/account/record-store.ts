import { applyWrite, type CrmRecord, type RecordWrite } from './crm-record.ts';
import { type PropertyValues, propertyValues } from './property-values.ts';
import { emailProperty, secondaryEmailsProperty, uniqueKey, uniqueKeys } from './unique-index.ts';

/**
 * The records of one object type with the indexes that keep every request from scanning them: by id, by each unique
 * property, and, for properties that were searched, by value. Changing methods trust their caller: checks are the API's.
 */
export class RecordStore {
  readonly #live = new Map<string, CrmRecord>();
  readonly #archived = new Map<string, CrmRecord>();
  /** Ids in the order of creation, which is ascending; archived ones stay as gaps. */
  readonly #order: string[] = [];
  readonly #survivors = new Map<string, string>();
  readonly #unique = new Map<string, Map<string, string>>();
  readonly #postings = new Map<string, Map<string, Set<string>>>();
  #lastId: number;

  constructor(firstId: number) {
    this.#lastId = firstId - 1;
  }

  get size(): number {
    return this.#live.size;
  }

  get archivedSize(): number {
    return this.#archived.size;
  }

  get(id: string): CrmRecord | undefined {
    return this.#live.get(id);
  }

  getArchived(id: string): CrmRecord | undefined {
    return this.#archived.get(id);
  }

  /** @returns the record that a merged-away id lives on in */
  getSurvivor(id: string): CrmRecord | undefined {
    let survivor = this.#survivors.get(id);
    while (survivor !== undefined && this.#survivors.has(survivor)) survivor = this.#survivors.get(survivor);
    return survivor === undefined ? undefined : this.#live.get(survivor);
  }

  findByUnique(property: string, value: string): CrmRecord | undefined {
    const id = this.#unique.get(property)?.get(uniqueKey(property, value));
    return id === undefined ? undefined : this.#live.get(id);
  }

  nextId(): string {
    this.#lastId += 1;
    return String(this.#lastId);
  }

  /** @returns live records by ascending id, beginning after the id given */
  *page(afterId: string | undefined, archived = false): Generator<CrmRecord> {
    const from = archived ? this.#archived : this.#live;
    for (let at = afterId === undefined ? 0 : this.#positionAfter(afterId); at < this.#order.length; at++) {
      const record = from.get(this.#order[at] ?? '');
      if (record !== undefined) yield record;
    }
  }

  /** @returns live and archived records by ascending id */
  *all(): Generator<CrmRecord> {
    for (const id of this.#order) {
      const record = this.#live.get(id) ?? this.#archived.get(id);
      if (record !== undefined) yield record;
    }
  }

  /** Ids must ascend from one insert to the next. */
  insert(record: CrmRecord): void {
    // An id that was merged away is taken as well, although no record has it.
    this.#lastId = Math.max(this.#lastId, Number(record.id), ...record.mergedIds.map(Number));
    this.#order.push(record.id);
    for (const mergedId of record.mergedIds) this.#survivors.set(mergedId, record.id);
    if (record.archivedAt !== undefined) {
      this.#archived.set(record.id, record);
      return;
    }
    this.#live.set(record.id, record);
    this.#index(record, record.values);
  }

  write(record: CrmRecord, write: RecordWrite): void {
    this.#unindexUnique(record, write.values);
    applyWrite(record, write);
    this.#index(record, write.values);
  }

  archive(record: CrmRecord, atMs: number): void {
    this.#unindexUnique(record, record.values);
    this.#live.delete(record.id);
    record.archivedAt = atMs;
    this.#archived.set(record.id, record);
  }

  /** The loser vanishes without showing as archived; the winner keeps its values and takes over what it lacks. */
  merge(winner: CrmRecord, loser: CrmRecord, atMs: number): void {
    this.#unindexUnique(loser, loser.values);
    this.#live.delete(loser.id);
    this.#survivors.set(loser.id, winner.id);
    winner.mergedIds = [...winner.mergedIds, ...loser.mergedIds, loser.id];
    this.write(winner, { at: atMs, source: 'MERGE', values: takenOver(winner.values, loser.values) });
    winner.updatedAt = atMs;
  }

  /** Starts an index of the property; values that exist already are taken in. */
  addUnique(property: string): void {
    if (this.#unique.has(property)) return;
    const index = new Map<string, string>();
    this.#unique.set(property, index);
    for (const record of this.#live.values()) {
      for (const key of uniqueKeys(property, record.values)) index.set(key, record.id);
    }
  }

  /**
   * Ids of records that hold the value, without regard to case, now or held it before: callers look at the record
   * itself. The first call for a property reads all records, later ones none.
   */
  candidates(property: string, value: string): ReadonlySet<string> {
    let postings = this.#postings.get(property);
    if (postings === undefined) {
      postings = new Map();
      this.#postings.set(property, postings);
      for (const record of this.#live.values()) {
        for (const write of record.writes) post(postings, write.values[property], record.id);
        post(postings, record.values[property], record.id);
      }
    }
    return postings.get(value.toLowerCase()) ?? new Set();
  }

  /** Sets the write counters of all records to zero. */
  resetCounters(): void {
    for (const record of [...this.#live.values(), ...this.#archived.values()]) {
      record.writeCount = 0;
      record.changeCount = 0;
    }
  }

  #index(record: CrmRecord, changed: PropertyValues): void {
    for (const [property, index] of this.#unique) {
      if (!touches(changed, property)) continue;
      for (const key of uniqueKeys(property, record.values)) index.set(key, record.id);
    }
    for (const [property, postings] of this.#postings) post(postings, changed[property], record.id);
  }

  #unindexUnique(record: CrmRecord, changed: PropertyValues): void {
    for (const [property, index] of this.#unique) {
      if (!touches(changed, property)) continue;
      for (const key of uniqueKeys(property, record.values)) {
        if (index.get(key) === record.id) index.delete(key);
      }
    }
  }

  #positionAfter(afterId: string): number {
    const after = Number(afterId);
    let low = 0;
    let high = this.#order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (Number(this.#order[middle]) <= after) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function touches(changed: PropertyValues, property: string): boolean {
  return (
    changed[property] !== undefined || (property === emailProperty && changed[secondaryEmailsProperty] !== undefined)
  );
}

function post(postings: Map<string, Set<string>>, value: string | undefined, id: string): void {
  if (!value) return;
  const key = value.toLowerCase();
  const ids = postings.get(key);
  if (ids === undefined) postings.set(key, new Set([id]));
  else ids.add(id);
}

function takenOver(winner: PropertyValues, loser: PropertyValues): PropertyValues {
  const values = propertyValues();
  for (const [name, value] of Object.entries(loser)) {
    if (value && !winner[name]) values[name] = value;
  }
  const lostEmail = winner[emailProperty] ? loser[emailProperty] : '';
  const secondary = [winner[secondaryEmailsProperty], lostEmail, loser[secondaryEmailsProperty]].filter(Boolean);
  if (secondary.length > 0) values[secondaryEmailsProperty] = secondary.join(';');
  return values;
}
