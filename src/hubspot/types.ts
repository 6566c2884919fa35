import type { ScorelineError } from '../errors/scoreline-error.ts';

/**
 * HubSpot as `sync/` sees it. Vendor types, paths, retries and quotas stay behind this interface. Calls throw
 * `ScorelineError`s with codes `DESTINATION_*` when the run cannot go on, and RUN_DEFERRED (`details.retryAt`) where the
 * day's quota is spent or HubSpot asks for more than 5 minutes; a refused record is data (`WriteOutcome`).
 */
export interface HubSpot {
  /** Of the token's account; asked once and remembered. */
  account(signal?: AbortSignal): Promise<Account>;
  /** What the token may do, such as `crm.objects.contacts.write`; undefined where HubSpot does not tell. Remembered too. */
  scopes(signal?: AbortSignal): Promise<ReadonlySet<string> | undefined>;
  readonly schema: HubSpotSchema;
  readonly records: HubSpotRecords;
  readonly lists: HubSpotLists;
  usage(): Usage;
  /** Ends all waiting; calls made afterwards, or waiting for the quota, fail. */
  close(): Promise<void>;
}

export interface Account {
  readonly portalId: number;
  readonly accountType: string;
  readonly timeZone: string;
  readonly uiDomain: string;
}

export interface Usage {
  readonly calls: number;
  readonly retries: number;
  /** Calls left today as the last answer said; absent until one did. */
  readonly dailyRemaining?: number;
  readonly dailyLimit?: number;
  /** Requests that the account takes in 10 s, as configured or learnt. */
  readonly burstPer10s: number;
  /** Absent until an answer told the time. */
  readonly clock?: ClockReading;
}

/** How far HubSpot's clock is ahead of this machine's, as the last answer told, give or take what is uncertain about it. */
export interface ClockReading {
  readonly aheadMs: number;
  readonly uncertainMs: number;
}

export interface HubSpotSchema {
  /** Those of `names` that HubSpot's list lacks are asked for by name too, for a missing one is made and written anew. */
  readProperties(object: string, names: readonly string[], signal?: AbortSignal): Promise<readonly Property[]>;
  readGroups(object: string, signal?: AbortSignal): Promise<readonly string[]>;
  /** Custom properties that the account still takes for the object; undefined where HubSpot does not tell. */
  readPropertiesLeft(object: string, signal?: AbortSignal): Promise<number | undefined>;
  /** Records that the account still takes of the object; undefined where HubSpot does not tell. */
  readRecordsLeft(object: string, signal?: AbortSignal): Promise<number | undefined>;
  createGroup(
    object: string,
    group: { readonly name: string; readonly label: string },
    signal?: AbortSignal,
  ): Promise<void>;
  /**
   * One that exists already is fine if it has the same type. Done when HubSpot shows the property to readers too.
   */
  createProperty(object: string, property: NewProperty, signal?: AbortSignal): Promise<void>;
  /**
   * Sets the options in this order. HubSpot replaces the whole list, so options that it has beyond these are kept behind
   * them, and their settings (hidden, description) with them.
   */
  updateOptions(
    object: string,
    property: string,
    options: readonly PropertyOption[],
    signal?: AbortSignal,
  ): Promise<void>;
}

export interface PropertyOption {
  readonly value: string;
  readonly label: string;
}

export interface NewProperty {
  readonly name: string;
  readonly label: string;
  readonly description: string;
  readonly type: string;
  readonly fieldType: string;
  readonly groupName: string;
  readonly options?: readonly PropertyOption[];
  readonly hasUniqueValue?: boolean;
}

export interface Property extends NewProperty {
  readonly hasUniqueValue: boolean;
  readonly readOnly: boolean;
  readonly calculated: boolean;
  /** True for those that every account has. */
  readonly hubspotDefined?: boolean;
}

export interface HubSpotRecords {
  /**
   * Finds records by a property's values: unique ones by batch read, companies' `domain` by search. Any number of
   * values; calls go out side by side within the quota. A value that is missing in the answer has no record. Keys of
   * the map are the values as given; matching is case-insensitive for e-mail and domain, and knows secondary addresses.
   */
  resolve(request: ResolveRequest, signal?: AbortSignal): Promise<ReadonlyMap<string, Resolution>>;

  /**
   * Writes up to 100 records in one call (more calls only to isolate the refused ones of a batch refused as a whole).
   * One outcome per input, in the inputs' order whatever HubSpot's order was. Throws neither for a refused record, nor when
   * the signal is aborted (a request in flight finishes, and what was not attempted is `deferred`), nor where the run cannot
   * go on: a part of the batch may have been written by then, so that is the `failure` of the others.
   */
  write(request: WriteRequest, signal?: AbortSignal): Promise<readonly WriteOutcome[]>;
}

export interface ResolveRequest {
  readonly object: string;
  readonly property: string;
  readonly values: readonly string[];
  /** Read beside the id. */
  readonly properties: readonly string[];
}

export type Resolution =
  | { readonly kind: 'found'; readonly recordId: string; readonly properties: Readonly<Record<string, string | null>> }
  /** Several records hold the value. */
  | { readonly kind: 'ambiguous'; readonly recordIds: readonly string[] };

export type WriteRequest =
  | { readonly kind: 'update'; readonly object: string; readonly records: readonly RecordUpdate[] }
  /**
   * Makes records that are missing, each once: by batch create for contacts (`match` is unique there), by upsert on our
   * own unique property `scoreline_key` where the match property is not unique. A record that turned out to exist is
   * updated instead. After a lost answer the values are resolved again before a create is repeated.
   */
  | {
      readonly kind: 'create';
      readonly object: string;
      readonly matchProperty: string;
      readonly records: readonly RecordCreate[];
    };

export interface RecordUpdate {
  /** Echoed in the outcome's place; unique in the request, sent as `objectWriteTraceId`. */
  readonly traceId: string;
  readonly recordId: string;
  /** The empty text clears a value. */
  readonly properties: Readonly<Record<string, string>>;
}

export interface RecordCreate {
  readonly traceId: string;
  readonly matchValue: string;
  readonly properties: Readonly<Record<string, string>>;
}

export type WriteOutcome =
  /** HubSpot's answer named this record as written. */
  | { readonly kind: 'accepted'; readonly recordId: string; readonly created: boolean }
  | { readonly kind: 'rejected'; readonly rejection: Rejection }
  /** The record id is gone (merged or deleted). */
  | { readonly kind: 'vanished'; readonly rejection: Rejection }
  | DeferredOutcome;

/** Not attempted, or no answer that names it: the next run does it. */
export interface DeferredOutcome {
  readonly kind: 'deferred';
  readonly reason: string;
  /** The earliest time, where it is known. */
  readonly retryAt?: Date;
  /** Why no call would succeed, such as a token that was taken back: for the caller to throw when it has noted the rest. */
  readonly failure?: ScorelineError;
}

export interface Rejection {
  readonly category: string;
  readonly message: string;
  readonly property?: string;
  readonly correlationId?: string;
}

export interface HubSpotLists {
  /** By id if given and still there, else by name; null where there is none. */
  find(
    request: { readonly listId?: string; readonly name: string; readonly object: string },
    signal?: AbortSignal,
  ): Promise<List | null>;
  create(request: { readonly name: string; readonly object: string }, signal?: AbortSignal): Promise<List>;
  /** Most ids that `changeMembers` takes. */
  readonly membersPerCall: number;
  /** Adds or removes members in one call. Throws only where the run cannot go on. */
  changeMembers(request: MembersRequest, signal?: AbortSignal): Promise<MembersOutcome>;
  /** The record ids of all members, in pages; a list that is not there fails as HubSpot refuses it. */
  readMembers(listId: string, signal?: AbortSignal): AsyncIterable<readonly string[]>;
}

export interface MembersRequest {
  readonly operation: 'add' | 'remove';
  readonly listId: string;
  readonly recordIds: readonly string[];
}

export type MembersOutcome =
  /**
   * Done, but for the ids reported missing. `added` were no members before; absent where an answer was lost on the way, so
   * that nobody can say.
   */
  | { readonly kind: 'changed'; readonly missing: readonly string[]; readonly added?: readonly string[] }
  | { readonly kind: 'rejected'; readonly rejection: Rejection }
  /** Left to the next run; `mayBeDone` where an attempt got no answer. */
  | { readonly kind: 'deferred'; readonly reason: string; readonly retryAt?: Date; readonly mayBeDone: boolean };

export interface List {
  readonly listId: string;
  readonly name: string;
  readonly objectTypeId: string;
  readonly processingType: string;
}
