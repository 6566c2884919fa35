import type { NewProperty, PropertyOption } from '../hubspot/types.ts';
import type { Canary, PropertyType, SyncProperty } from '../project/sync-types.ts';
import type { GuardFacts } from './guard-facts.ts';

/**
 * A plan is a frozen value: made by `planSync`, printed by `plan`, executed unchanged by `applyPlan`. It is plain JSON
 * data and all that applying needs; the rows themselves stay in the warehouse (`plan_rows`), found by `planId`.
 */
export interface Plan {
  readonly planId: string;
  /** The run that made it. */
  readonly runId: string;
  /** ISO, UTC. */
  readonly createdAt: string;
  readonly asOf: string;
  readonly portal: PlanPortal;
  readonly sync: string;
  readonly object: string;
  readonly model: string;
  readonly mode: 'update' | 'upsert' | 'mirror';
  /** HubSpot's property that records are found by. */
  readonly matchProperty: string;
  /** True until the sync has written to this portal: the snapshot holds no row, and none of its lists was used. */
  readonly firstSync: boolean;
  readonly rows: PlanRowCounts;
  /** Names of the model's tiers, highest first; empty where it has none. */
  readonly tiers: readonly string[];
  /** Rows that will be sent and whose tier is not the snapshot's, in the order of the tiers. Empty for models without. */
  readonly tierMoves: readonly TierMove[];
  /** Properties for which HubSpot holds values that Scoreline did not write. */
  readonly foreign: readonly ForeignValues[];
  readonly schema: SchemaChanges;
  readonly lists: readonly PlannedList[];
  /** The largest changes first, at most 10. */
  readonly sample: readonly RowChange[];
  /** Examples of rows refused while planning, at most 10; `rows.rejected` has the number. */
  readonly rejected: readonly PlannedRejection[];
  readonly cost: PlanCost;
  /** What guards judge; absent: the plan is not judged. */
  readonly facts?: GuardFacts;
  /** Rows that are written first and read back. */
  readonly canary?: PlannedCanary;
  /** Whose values may be written over; absent in plans of older versions. */
  readonly properties?: readonly PlannedProperty[];
  /** The models that it was made from; a build of one of them makes the plan stale. */
  readonly reads?: readonly string[];
  /** A digest of everything above that decides what is sent, and of the frozen rows. */
  readonly digest: string;
}

export type PlannedProperty = Pick<SyncProperty, 'name' | 'type' | 'adopt' | 'write'>;

export interface PlannedCanary extends Canary {
  /** Property → its type, to compare what is read back. */
  readonly types: Readonly<Record<string, PropertyType>>;
}

export interface PlanPortal {
  readonly portalId: number;
  readonly accountType: string;
  readonly timeZone: string;
}

/** `model = creates + updates + unchanged + suppressed + excluded + unmatched + waiting`. */
export interface PlanRowCounts {
  readonly model: number;
  readonly creates: number;
  readonly updates: number;
  /** Records whose properties are emptied: of rows that left the model, moved to another record or are excluded. */
  readonly clears: number;
  readonly unchanged: number;
  /** Changed only within the dead band or in columns that never cause a write. */
  readonly suppressed: number;
  readonly excluded: number;
  /** Without a match value or, in mode `update`, without a record. */
  readonly unmatched: number;
  readonly waiting: number;
  /** Of creates and updates: refused while planning, with their reason in `plan_rows`. */
  readonly rejected: number;
}

export interface TierMove {
  /** Null for rows that were never sent. */
  readonly from: string | null;
  readonly to: string | null;
  readonly rows: number;
  /** Of them, by what brought the rows their tier (`behaviour`, `time`, `model` …); absent where no history says it. */
  readonly causes?: Readonly<Record<string, number>>;
}

/** Every cause that the moves have, the most frequent first. */
export function causesOf(moves: readonly TierMove[]): readonly string[] {
  const rows = new Map<string, number>();
  for (const { causes = {} } of moves) {
    for (const [cause, count] of Object.entries(causes)) rows.set(cause, (rows.get(cause) ?? 0) + count);
  }
  return [...rows].sort(([a, of], [b, other]) => other - of || (a < b ? -1 : 1)).map(([cause]) => cause);
}

/** Rows by what happens to the value that others wrote. */
export interface ForeignValues {
  readonly property: string;
  /** Left alone. */
  readonly kept: number;
  /** Written over, as `adopt: true` says. */
  readonly adopted: number;
}

/** What the plan makes in HubSpot before the first row. Nothing that exists is deleted or retyped. */
export interface SchemaChanges {
  readonly group: { readonly name: string; readonly label: string } | null;
  readonly properties: readonly NewProperty[];
  readonly options: readonly OptionsToAdd[];
}

export interface OptionsToAdd {
  readonly property: string;
  readonly added: readonly PropertyOption[];
  /** The list as it will be: HubSpot replaces the whole list, so those it has are in it. */
  readonly all: readonly PropertyOption[];
}

export interface PlannedList {
  /** The key in the sync's file. */
  readonly list: string;
  /** The key that the state knows it by, where that was another one. */
  readonly oldKey?: string;
  /** In HubSpot. */
  readonly name: string;
  /** Null where the plan creates it. */
  readonly listId: string | null;
  readonly adds: number;
  readonly removes: number;
  /** Members of the audience that have no record. */
  readonly missing: number;
  /** Members of the audience whose row was refused while planning. */
  readonly rejected: number;
}

export interface RowChange {
  /** The model's key. */
  readonly key: string;
  readonly operation: 'create' | 'update' | 'clear';
  readonly tier: { readonly from: string | null; readonly to: string | null } | null;
  /** Texts as HubSpot holds them; null where there is no value. */
  readonly values: readonly { readonly property: string; readonly from: string | null; readonly to: string | null }[];
}

export interface PlannedRejection {
  readonly key: string;
  readonly category: string;
  readonly message: string;
}

/** Estimated from the account's quota; a batch that has to be split and retries come on top. */
export interface PlanCost {
  readonly calls: number;
  readonly seconds: number;
  /** Share of the account's daily calls, 0 to 1; absent where HubSpot has not told the limit. */
  readonly dailyRatio?: number;
}

/** True if applying the plan would call HubSpot to write anything. */
export function hasOperations(plan: Plan): boolean {
  const { rows, schema, lists } = plan;
  return (
    rows.creates + rows.updates + rows.clears - rows.rejected > 0 ||
    schema.group !== null ||
    schema.properties.length + schema.options.length > 0 ||
    lists.some((list) => list.listId === null || list.adds + list.removes > 0)
  );
}

/** What a sync did, in the words of the command's JSON. `planned = created + updated + cleared + rejected + deferred`. */
export interface SyncResult {
  readonly sync: string;
  readonly object: string;
  readonly planned: number;
  readonly created: number;
  readonly updated: number;
  readonly cleared: number;
  readonly unchanged: number;
  readonly suppressed: number;
  readonly excluded: number;
  readonly unmatched: number;
  readonly waiting: number;
  readonly rejected: number;
  /** Of those, rows that no run before had rejected. */
  readonly newly_rejected: number;
  readonly deferred: number;
  /** Of the planned rows, those that an earlier run of the same plan sent: the numbers above are of the whole plan. */
  readonly sent_before: number;
  readonly lists: readonly ListResult[];
  readonly api_calls: number;
  readonly retries: number;
  readonly seconds: number;
  /** Of a sync with a canary that had rows to send. */
  readonly canary?: CanaryResult;
  /** ISO: when HubSpot takes more, where its quota was spent before the end. */
  readonly retry_after?: string;
}

/** What came of the rows that were written first and read back. */
export interface CanaryResult {
  readonly rows: number;
  /** Refused, or read back otherwise than written. */
  readonly failed: number;
  /** Key of a row that failed. */
  readonly example: string | null;
  /** Too many failed: nothing more was sent. */
  readonly stopped: boolean;
}

/** `planned = added + removed + missing + rejected + deferred`. */
export interface ListResult {
  readonly list: string;
  readonly added: number;
  readonly removed: number;
  readonly missing: number;
  readonly rejected: number;
  readonly deferred: number;
}
