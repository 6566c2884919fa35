import { sql } from 'kysely';
import type { Sync } from '../project/sync-types.ts';
import type { Fragment } from '../sql/types.ts';
import { type State, stateTable } from '../state/state.ts';
import { isNamedIn } from './names-in.ts';

/** What guards judge: counted while a plan is made, frozen with it. */
export interface GuardFacts {
  readonly modelRows: number;
  readonly snapshotRows: number;
  readonly changed: CountedRows;
  /** Of those changed: rows in which a property changed that is not new to the snapshot. */
  readonly changedInKnown: number;
  /** Rows that left the model and are cleared. */
  readonly removed: CountedRows;
  readonly created: CountedRows;
  /** Those that another version of the model brought are left out once a person let a plan with that version through. */
  readonly tierMoves: CountedRows;
  /** Of them: rows that another version of the model moved; absent: none. */
  readonly movedByModel?: number;
  /** Rows with a tier before and after. */
  readonly tieredRows: number;
  /** For each property that may cause a write, the rows of the model that have no value. */
  readonly nulls: readonly (CountedRows & { readonly property: string })[];
  readonly lists: readonly { readonly list: string; readonly removed: number }[];
  /** Properties that no plan before has brought to its end. */
  readonly newProperties: readonly string[];
  /** True on a first sync and while one goes on: all properties are new. */
  readonly allNew: boolean;
}

export interface CountedRows {
  readonly rows: number;
  /** The model's key of one of them; null where there is none. */
  readonly example: string | null;
}

/** The plan before, as far as guards need it. */
export interface PreviousPlan {
  /** Names with commas between; null where nobody wrote them down. */
  readonly properties: string | null;
  readonly newProperties: string | null;
  readonly status: string | null;
}

/** A property is new until a plan that has it was applied in full: what was deferred is no less new later. */
export function newProperties(sync: Sync, previous: PreviousPlan, snapshotRows: number): readonly string[] {
  const names = sync.properties.map(({ name }) => name);
  if (snapshotRows === 0) return names;
  if (previous.properties === null) return [];
  const known = previous.properties.split(',');
  const unfinished = previous.status === 'applied' ? [] : (previous.newProperties ?? '').split(',');
  return names.filter((name) => !known.includes(name) || unfinished.includes(name));
}

/** A relation with one row: the plan that last changed the snapshot when this one was made; nulls where there is none. */
export function previousPlan(state: State, planId: string): Fragment {
  const plans = stateTable(state, 'plans');
  return sql`(
  select before.properties, before.new_properties, before.status
  from ${plans} made
  left join ${plans} before on before.plan_id = made.previous_plan_id
  where made.plan_id = ${planId}
)`;
}

/** The same as `newProperties`, for rows `p` of `plan_rows` beside the row `v` of `previousPlan`: a known one changed. */
export function changesKnownProperty(sync: Sync): Fragment {
  const tests = sync.properties.map(({ name }) => {
    const has = (names: Fragment) => isNamedIn(names, name);
    return sql`(${has(sql`p.changed`)} and (v.properties is null or ${has(sql`v.properties`)}
    and not (v.status <> 'applied' and ${has(sql`v.new_properties`)})))`;
  });
  return tests.length === 0 ? sql`false` : sql`(${sql.join(tests, sql` or `)})`;
}

/** `null_rows` of a plan: property → `12 P17`, the number and one of the keys. */
export function parseNullRows(json: string | null): GuardFacts['nulls'] {
  const counts: unknown = JSON.parse(json ?? '{}');
  return Object.entries(counts as Readonly<Record<string, string>>).map(([property, text]) => {
    const at = text.indexOf(' ');
    const example = text.slice(at + 1);
    return { property, rows: Number(text.slice(0, at)), example: example === '' ? null : example };
  });
}
