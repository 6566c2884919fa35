import type { HubSpot } from '../hubspot/types.ts';
import type { PropertyType, Sync } from '../project/sync-types.ts';
import { textOf, textOrNull } from '../state/row-values.ts';
import type { Row } from '../warehouse/port.ts';
import { canonicalValue } from './canonical-value.ts';
import type { RowValues } from './row-payload.ts';

export interface ReadBackRequest {
  readonly hubspot: HubSpot;
  readonly object: string;
  /** Property → its type: what is read, all of which HubSpot has. */
  readonly types: ReadonlyMap<string, PropertyType>;
  readonly signal?: AbortSignal;
}

/** A record that was met once, and how to find it. */
export interface KnownRecord {
  readonly recordId: string;
  readonly property: string;
  /** Null where it is not known any more. */
  readonly matchValue: string | null;
}

/** @param row with `record_id`, `property` and `match_value`; the latter two are null where the identity is not known */
export function knownRecord(row: Row, sync: Sync): KnownRecord {
  return {
    recordId: textOf(row, 'record_id'),
    property: textOrNull(row, 'property') ?? sync.match.property,
    matchValue: textOrNull(row, 'match_value'),
  };
}

export type ReadRecord =
  /** Values in one spelling, as `canonicalValue` gives them. */
  | { readonly kind: 'there'; readonly values: RowValues }
  | { readonly kind: 'merged'; readonly nowRecordId: string }
  | { readonly kind: 'deleted' };

/**
 * Reads records by their ids; one that is gone is looked for by its match value, since HubSpot gives a merged contact's
 * address to the record that it went into.
 * @returns one answer per record, in their order
 */
export async function readBack(
  { hubspot, object, types, signal }: ReadBackRequest,
  records: readonly KnownRecord[],
): Promise<readonly ReadRecord[]> {
  const properties = [...types.keys()];
  const ids = records.map(({ recordId }) => recordId);
  const byId = await hubspot.records.resolve({ object, property: 'hs_object_id', values: ids, properties }, signal);
  const gone = records.filter(({ recordId }) => !byId.has(recordId));
  const refound = new Map<string, string>();
  for (const property of new Set(gone.map((record) => record.property))) {
    const values = gone.flatMap((each) => (each.property === property && each.matchValue ? [each.matchValue] : []));
    if (values.length === 0 || property === 'hs_object_id') continue;
    const found = await hubspot.records.resolve({ object, property, values, properties: [] }, signal);
    for (const [value, resolution] of found) {
      if (resolution.kind === 'found') refound.set(`${property} ${value}`, resolution.recordId);
    }
  }
  return records.map(({ recordId, property, matchValue }): ReadRecord => {
    const resolution = byId.get(recordId);
    if (resolution?.kind === 'found' && resolution.recordId === recordId) {
      const values = properties.map(
        (name) => [name, canonicalValue(types.get(name) ?? 'string', resolution.properties[name] ?? null)] as const,
      );
      return { kind: 'there', values: Object.fromEntries(values) };
    }
    // HubSpot may answer for a merged record with the one that it went into.
    const now = resolution?.kind === 'found' ? resolution.recordId : refound.get(`${property} ${matchValue}`);
    return now === undefined ? { kind: 'deleted' } : { kind: 'merged', nowRecordId: now };
  });
}
