import type { ListDefinition } from './crm-list.ts';
import type { RecordWrite } from './crm-record.ts';
import type { ObjectTypeNames } from './object-type.ts';
import type { PropertyDefinition, PropertyGroup } from './property-definition.ts';

/**
 * Everything that can happen to an account. `Account.apply` is the only way to change one, and a state file is a list
 * of these: replaying it gives the account back. `object` is an object type's id, `at` epoch milliseconds.
 */
export type Change =
  | { readonly kind: 'identity'; readonly identity: AccountIdentity }
  | { readonly kind: 'object_type'; readonly names: ObjectTypeNames }
  | { readonly kind: 'group'; readonly object: string; readonly group: PropertyGroup }
  | { readonly kind: 'group_removed'; readonly object: string; readonly name: string }
  | { readonly kind: 'property'; readonly object: string; readonly property: PropertyDefinition }
  | { readonly kind: 'record'; readonly object: string; readonly record: StoredRecord }
  | {
      readonly kind: 'record_written';
      readonly object: string;
      readonly id: string;
      /** Changed values only; none is a write that changed nothing and is counted all the same. */
      readonly write: RecordWrite;
    }
  | { readonly kind: 'record_archived'; readonly object: string; readonly id: string; readonly at: number }
  | {
      readonly kind: 'records_merged';
      readonly object: string;
      readonly winner: string;
      readonly loser: string;
      readonly at: number;
    }
  /** Also deletes (`deletedAt`) and restores. */
  | { readonly kind: 'list'; readonly list: ListDefinition }
  | {
      readonly kind: 'members';
      readonly listId: string;
      readonly add: readonly string[];
      readonly remove: readonly string[];
      readonly at: number;
    };

export interface AccountIdentity {
  readonly portalId: number;
  /** As HubSpot spells it: STANDARD, DEVELOPER_TEST, SANDBOX, APP_DEVELOPER. */
  readonly accountType: string;
  /** IANA name; decides when the day of the daily limit ends. */
  readonly timeZone: string;
  readonly uiDomain: string;
  /** Accepted besides those of the settings. */
  readonly token: string;
}

/** A record as it is created or kept in a file. */
export interface StoredRecord {
  readonly id: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly archivedAt?: number;
  /** Absent where the one write says it all. */
  readonly values?: Readonly<Record<string, string>>;
  readonly writes: readonly RecordWrite[];
  readonly mergedIds?: readonly string[];
  readonly writeCount?: number;
  readonly changeCount?: number;
}
