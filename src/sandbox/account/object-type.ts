import type { CrmRecord } from './crm-record.ts';
import type { PropertyDefinition, PropertyGroup } from './property-definition.ts';
import { RecordStore } from './record-store.ts';

/** What an object type is called; its behaviour is the same for all of them. */
export interface ObjectTypeNames {
  /** `0-1` contacts, `0-2` companies, `0-3` deals, `2-NNN` custom ones. */
  readonly id: string;
  /** As in paths and scopes: `contacts`. */
  readonly name: string;
  readonly singular: string;
  /** As in messages: `CONTACT`. */
  readonly upperName: string;
  /** Property that holds the time of the last change. */
  readonly modifiedProperty: 'lastmodifieddate' | 'hs_lastmodifieddate';
  /** Returned where a call asks for no property by name. */
  readonly defaultProperties: readonly string[];
  readonly firstId: number;
  readonly custom: boolean;
}

export class ObjectType {
  readonly names: ObjectTypeNames;
  readonly records: RecordStore;
  readonly #properties = new Map<string, PropertyDefinition>();
  readonly #archivedProperties = new Map<string, PropertyDefinition>();
  #uniqueProperties: readonly string[] = [];
  readonly #groups = new Map<string, PropertyGroup>();

  constructor(names: ObjectTypeNames) {
    this.names = names;
    this.records = new RecordStore(names.firstId);
  }

  get properties(): ReadonlyMap<string, PropertyDefinition> {
    return this.#properties;
  }

  get archivedProperties(): ReadonlyMap<string, PropertyDefinition> {
    return this.#archivedProperties;
  }

  /** Names of the live properties that no two records share a value of. */
  get uniqueProperties(): readonly string[] {
    return this.#uniqueProperties;
  }

  get groups(): ReadonlyMap<string, PropertyGroup> {
    return this.#groups;
  }

  /** Adds or replaces a property; one with `archivedAt` leaves the live ones. */
  putProperty(property: PropertyDefinition): void {
    const [to, from] =
      property.archivedAt === undefined
        ? [this.#properties, this.#archivedProperties]
        : [this.#archivedProperties, this.#properties];
    from.delete(property.name);
    to.set(property.name, property);
    if (!property.hasUniqueValue) return;
    this.records.addUnique(property.name);
    this.#uniqueProperties = [...this.#properties.values()]
      .filter((live) => live.hasUniqueValue)
      .map(({ name }) => name);
  }

  putGroup(group: PropertyGroup): void {
    this.#groups.set(group.name, group);
  }

  removeGroup(name: string): void {
    this.#groups.delete(name);
  }

  /** @returns a property's value, those that HubSpot computes included; null where it has none */
  valueOf(record: CrmRecord, property: string): string | null {
    switch (property) {
      case 'hs_object_id':
        return record.id;
      case 'createdate':
      case 'hs_createdate':
        return new Date(record.createdAt).toISOString();
      case this.names.modifiedProperty:
        return new Date(record.updatedAt).toISOString();
      case 'hs_merged_object_ids':
        return record.mergedIds.join(';') || null;
      case 'hs_object_source':
        return 'INTEGRATION';
      case 'hs_object_source_label':
        return 'INTERNAL_PROCESSING';
      default:
        return record.values[property] || null;
    }
  }
}
