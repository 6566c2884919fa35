import { sql } from 'kysely';
import type { MembersOutcome } from '../hubspot/types.ts';
import type { Fragment } from '../sql/types.ts';
import { textOf, textOrNull } from '../state/row-values.ts';
import { stateTable } from '../state/state.ts';
import { inBatches } from './in-flight.ts';
import type { Outcome } from './ledger-writer.ts';
import { isAbout } from './match-outcomes.ts';
import type { PlannedList } from './plan-types.ts';
import { type ApplyScope, mapRows } from './write-rows.ts';

interface MemberChange {
  readonly operation: 'add' | 'remove';
  readonly modelKey: string;
  /** Null where the record was not created. */
  readonly recordId: string | null;
}

/**
 * Creates the lists of a plan that are missing, and adds and removes members; records made by this very plan too. Every
 * call is accounted for by itself.
 * @param maxMembers no more than these in all lists together; a list for which none is left is not touched
 * @returns when HubSpot takes more, where its quota was spent before the end
 */
export async function changeLists(scope: ApplyScope, maxMembers = Number.POSITIVE_INFINITY): Promise<Date | null> {
  const { plan, ledger } = scope;
  let left = maxMembers;
  for (const list of plan.lists) {
    if (list.listId !== null && list.adds + list.removes === 0) continue;
    if (left <= 0) break;
    // Records that were just created are found in the ledger.
    await ledger.flush();
    const listId = await useList(scope, list);
    const retryAt = await changeMembers(scope, { list: list.list, listId, maxMembers: left });
    left -= list.adds + list.removes;
    if (retryAt !== null) return retryAt;
  }
  return null;
}

/** Statements that take lists which have another key in the sync's file by now, and their members, over to that. */
export function renameLists({ state, plan }: Pick<ApplyScope, 'state' | 'plan'>): readonly Fragment[] {
  return plan.lists.flatMap(({ list, oldKey }) =>
    oldKey === undefined
      ? []
      : (['memberships', 'lists'] as const).map(
          (table) => sql`update ${stateTable(state, table)} set list = ${list}
where portal_id = ${plan.portal.portalId} and sync = ${plan.sync} and list = ${oldKey}`,
        ),
  );
}

/** @returns the list's id */
async function useList({ hubspot, plan, ledger, signal }: ApplyScope, list: PlannedList): Promise<string> {
  const wanted = { name: list.name, object: plan.object };
  // A plan that is applied again may have made the list the first time.
  const found = list.listId === null ? await hubspot.lists.find(wanted, signal) : { listId: list.listId };
  const { listId } = found ?? (await hubspot.lists.create(wanted, signal));
  await ledger.add([
    {
      list: list.list,
      operation: 'list',
      modelKey: null,
      recordId: listId,
      newValues: JSON.stringify({ name: list.name }),
      outcome: found === null ? 'created' : 'found',
      attempt: 1,
    },
  ]);
  return listId;
}

interface MembersRequest {
  /** The key in the sync's file. */
  readonly list: string;
  /** In HubSpot. */
  readonly listId: string;
  readonly maxMembers: number;
}

async function changeMembers(scope: ApplyScope, request: MembersRequest): Promise<Date | null> {
  const { list, listId, maxMembers } = request;
  const { state, hubspot, ledger, signal } = scope;
  const { warehouse } = state;
  const rows = warehouse.stream(warehouse.dialect.compile(membersToChange(scope, list, maxMembers)), {
    signal,
    purpose: `read the members of ${list}`,
  });
  const changes = mapRows(
    rows,
    (row): MemberChange => ({
      operation: textOf(row, 'operation') === 'add' ? 'add' : 'remove',
      modelKey: textOf(row, 'model_key'),
      recordId: textOrNull(row, 'record_id'),
    }),
  );
  for await (const batch of inBatches(changes, hubspot.lists.membersPerCall)) {
    const withRecord = batch.filter(({ recordId }) => recordId !== null);
    // If the answer is lost with this process, the next run must not take the list for what it was before.
    await ledger.add(withRecord.map((change) => entryOf(list, change, 'attempted')));
    await ledger.add(
      batch
        .filter(({ recordId }) => recordId === null)
        .map((change) => ({ ...entryOf(list, change, 'deferred'), message: 'Its record was not created' })),
    );
    await ledger.flush();
    for (const operation of ['add', 'remove'] as const) {
      const members = withRecord.filter((change) => change.operation === operation);
      if (members.length === 0) continue;
      const recordIds = members.flatMap(({ recordId }) => recordId ?? []);
      const outcome = await hubspot.lists.changeMembers({ operation, listId, recordIds }, signal);
      await ledger.add(memberOutcomes(list, members, outcome));
      if (outcome.kind === 'deferred' && outcome.retryAt !== undefined) return outcome.retryAt;
    }
    if (signal?.aborted) return null;
  }
  return null;
}

function entryOf(list: string, { operation, modelKey, recordId }: MemberChange, outcome: Outcome['outcome']): Outcome {
  return { list, operation, modelKey, recordId, outcome, attempt: 1 };
}

function memberOutcomes(list: string, members: readonly MemberChange[], outcome: MembersOutcome): readonly Outcome[] {
  switch (outcome.kind) {
    case 'changed': {
      const missing = new Set(outcome.missing);
      const added = outcome.added === undefined ? null : new Set(outcome.added);
      return members.map((change) => {
        const { operation, recordId } = change;
        if (recordId !== null && missing.has(recordId)) return entryOf(list, change, 'missing');
        if (operation === 'remove') return entryOf(list, change, 'removed');
        return entryOf(list, change, added === null || added.has(recordId ?? '') ? 'added' : 'kept');
      });
    }
    case 'rejected':
      return members.map((change) => ({ ...entryOf(list, change, 'rejected'), ...outcome.rejection }));
    case 'deferred':
      // One that may be done stays as attempted: ours to remove, and to be changed again.
      return outcome.mayBeDone
        ? []
        : members.map((change) => ({ ...entryOf(list, change, 'deferred'), message: outcome.reason }));
    default: {
      const unknown: never = outcome;
      throw new TypeError(`Unknown outcome ${JSON.stringify(unknown)}`);
    }
  }
}

function membersToChange({ state, plan }: ApplyScope, list: string, maxMembers: number): Fragment {
  const first = Number.isFinite(maxMembers)
    ? sql`, ${state.warehouse.dialect.textOrder(sql`m.model_key`)} limit ${sql.lit(maxMembers)}`
    : sql``;
  const ledger = stateTable(state, 'ledger');
  return sql`select m.operation, m.model_key,
  case when m.operation = 'add' then coalesce(w.record_id, m.record_id) else m.record_id end as record_id
from ${stateTable(state, 'plan_rows')} m
left join (
  select model_key, max(record_id) as record_id from ${ledger}
  where plan_id = ${plan.planId} and list is null and outcome in ('created', 'updated')
  group by model_key
) w on w.model_key = m.model_key
where m.plan_id = ${plan.planId} and m.list = ${list} and m.verdict = 'send'
  and not exists (
    select 1 from ${ledger} l where ${isAbout('l', 'm')} and l.outcome not in ('deferred', 'attempted')
  )
order by m.operation${first}`;
}
