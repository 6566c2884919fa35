import type { CrmRecord } from '../account/crm-record.ts';
import type { ObjectType } from '../account/object-type.ts';
import type { ApiRequest } from './api-request.ts';

export interface RecordBody {
  readonly id: string;
  readonly properties: Record<string, string | null>;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly archived: boolean;
  readonly archivedAt?: string;
  readonly url?: string;
  readonly warnings?: readonly unknown[];
  readonly propertiesWithHistory?: Readonly<Record<string, readonly HistoryEntry[]>>;
  readonly objectWriteTraceId?: string;
  readonly new?: boolean;
}

interface HistoryEntry {
  readonly value: string;
  readonly timestamp: string;
  readonly sourceType: string;
  readonly sourceId: string;
}

const echoedAlways = [
  'hs_object_id',
  'createdate',
  'hs_object_source',
  'hs_object_source_label',
  'lifecyclestage',
  // The reply to a write by a secondary address carries the primary one.
  'email',
] as const;

/** Rule 16: the answer to a write shows what was written and HubSpot's own properties, no more. */
export function renderWritten(
  request: ApiRequest,
  type: ObjectType,
  record: CrmRecord,
  written: readonly string[],
): RecordBody {
  const properties: Record<string, string> = {};
  for (const name of written) properties[name] = type.valueOf(record, name) ?? '';
  for (const name of [...echoedAlways, type.names.modifiedProperty]) {
    const value = type.valueOf(record, name);
    if (value !== null) properties[name] = value;
  }
  return { ...envelope(request, type, record), properties };
}

/** The answer to a read: what was asked for, and the few properties that always come. */
export function renderRead(
  request: ApiRequest,
  type: ObjectType,
  record: CrmRecord,
  properties: readonly string[],
  withHistory: readonly string[] = [],
): RecordBody {
  const names =
    properties.length > 0
      ? [...properties, 'hs_object_id', 'createdate', type.names.modifiedProperty]
      : type.names.defaultProperties;
  const values: Record<string, string | null> = {};
  for (const name of [...names, ...withHistory]) {
    if (type.properties.has(name)) values[name] = type.valueOf(record, name);
  }
  const body = { ...envelope(request, type, record), properties: values };
  if (withHistory.length === 0) return body;
  const kept = request.settings.switches.historyKept;
  const entries = withHistory.map((name) => [name, kept ? history(record, name) : []] as const);
  return { ...body, propertiesWithHistory: Object.fromEntries(entries) };
}

function envelope(request: ApiRequest, type: ObjectType, record: CrmRecord): Omit<RecordBody, 'properties'> {
  return {
    id: record.id,
    createdAt: new Date(record.createdAt).toISOString(),
    updatedAt: new Date(record.updatedAt).toISOString(),
    archived: record.archivedAt !== undefined,
    ...(record.archivedAt !== undefined && { archivedAt: new Date(record.archivedAt).toISOString() }),
    // Rule 29: fields that no model of the client knows.
    ...(request.settings.switches.extraFields && { url: recordUrl(request, type, record), warnings: [] }),
  };
}

function recordUrl({ account }: ApiRequest, type: ObjectType, record: CrmRecord): string {
  const { uiDomain, portalId } = account.identity;
  return `https://${uiDomain}/contacts/${portalId}/record/${type.names.id}/${record.id}`;
}

/** Newest first. */
export function history(record: CrmRecord, property: string): readonly HistoryEntry[] {
  const entries: HistoryEntry[] = [];
  for (const write of record.writes) {
    const value = write.values[property];
    if (value === undefined) continue;
    entries.push({
      value,
      timestamp: new Date(write.at).toISOString(),
      sourceType: write.source === 'MERGE' ? 'MERGE_OBJECTS' : write.source === 'SEED' ? 'IMPORT' : 'INTEGRATION',
      sourceId: 'scoreline-sandbox',
    });
  }
  return entries.reverse();
}
