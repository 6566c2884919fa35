import { type PropertyValues, propertyValues } from './property-values.ts';

/** One contact, company or other object. Ids are text, as on the wire. */
export interface CrmRecord {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  updatedAt: number;
  archivedAt?: number;
  /** Current values; '' is a value that was cleared. Until the second write it is the first write's own object. */
  values: PropertyValues;
  /** Oldest first. A write that changed nothing leaves no entry. */
  readonly writes: RecordWrite[];
  /** Ids of the records merged into this one. */
  mergedIds: readonly string[];
  /** API writes that named this record and were accepted, its creation included; seeding does not count. */
  writeCount: number;
  /** Those of them that changed a value. */
  changeCount: number;
}

export interface RecordWrite {
  readonly at: number;
  readonly source: WriteSource;
  readonly values: PropertyValues;
}

/** `API`: through HubSpot's endpoints; `SEED`: put there by the sandbox's own ones; `MERGE`: taken over in a merge. */
export type WriteSource = 'API' | 'SEED' | 'MERGE';

/** Beyond this many writes old ones are forgotten, as HubSpot's own history is limited; the first one stays. */
const maxWritesKept = 100;

/** Adds a write's changed values to the record; an empty one changes nothing. */
export function applyWrite(record: CrmRecord, write: RecordWrite): void {
  if (Object.keys(write.values).length === 0) return;
  if (record.values === record.writes[0]?.values) record.values = propertyValues(record.values);
  Object.assign(record.values, write.values);
  record.writes.push(write);
  if (record.writes.length > maxWritesKept) record.writes.splice(1, 1);
  record.updatedAt = write.at;
}

/** @returns the value the record had at an instant as far as its history tells; null where it had none */
export function storedValueAt(record: CrmRecord, name: string, atMs: number): string | null {
  if (record.updatedAt <= atMs) return record.values[name] || null;
  const write = record.writes.findLast((entry) => entry.at <= atMs && entry.values[name] !== undefined);
  return write?.values[name] || null;
}
