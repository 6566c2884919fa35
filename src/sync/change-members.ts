import { sql } from 'kysely';
import type { Fragment } from '../sql/types.ts';
import { textOf, textOrNull } from '../state/row-values.ts';
import { stateTable } from '../state/state.ts';
import { inBatches } from './in-flight.ts';
import type { Outcome } from './ledger-writer.ts';
import { isAbout } from './match-outcomes.ts';
import type { PlannedList } from './plan-types.ts';
import { type ApplyScope, mapRows } from './write-rows.ts';

/** Members in one request to the list interface, which splits it into calls as large as HubSpot takes them. */
const membersPerRequest = 10_000;

interface MemberChange {
  readonly operation: 'add' | 'remove';
  readonly modelKey: string;
  /** Null where the record was not created. */
  readonly recordId: string | null;
}

/** Creates the lists of a plan that are missing, and adds and removes members; records made by this very plan too. */
export async function changeLists(scope: ApplyScope): Promise<void> {
  const { plan, ledger } = scope;
  for (const list of plan.lists) {
    if (list.listId !== null && list.adds + list.removes === 0) continue;
    // Records that were just created are found in the ledger.
    await ledger.flush();
    await changeMembers(scope, list, await useList(scope, list));
  }
}

/** @returns the list's id */
async function useList({ hubspot, plan, ledger, signal }: ApplyScope, list: PlannedList): Promise<string> {
  const listId = list.listId ?? (await hubspot.lists.create({ name: list.name, object: plan.object }, signal)).listId;
  await ledger.add([
    {
      list: list.list,
      operation: 'list',
      modelKey: null,
      recordId: listId,
      newValues: JSON.stringify({ name: list.name }),
      outcome: list.listId === null ? 'created' : 'found',
      attempt: 1,
    },
  ]);
  return listId;
}

async function changeMembers(scope: ApplyScope, { list }: PlannedList, listId: string): Promise<void> {
  const { state, hubspot, ledger, signal } = scope;
  const { warehouse } = state;
  const rows = warehouse.stream(warehouse.dialect.compile(membersToChange(scope, list)), {
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
  const entry = ({ operation, modelKey, recordId }: MemberChange, outcome: Outcome['outcome']): Outcome => ({
    list,
    operation,
    modelKey,
    recordId,
    outcome,
    attempt: 1,
  });
  for await (const batch of inBatches(changes, membersPerRequest)) {
    const ids = (operation: MemberChange['operation']) =>
      batch.flatMap((change) => (change.operation === operation && change.recordId !== null ? [change.recordId] : []));
    // If the answer is lost with this process, the next run must not take the list for what it was before.
    await ledger.add(batch.filter(({ recordId }) => recordId !== null).map((change) => entry(change, 'attempted')));
    await ledger.flush();
    const { missing, added } = await hubspot.lists.changeMembers(
      { listId, add: ids('add'), remove: ids('remove') },
      signal,
    );
    const gone = new Set(missing);
    const fresh = added === undefined ? null : new Set(added);
    await ledger.add(
      batch.map((change) => {
        const { operation, recordId } = change;
        if (recordId === null) return { ...entry(change, 'deferred'), message: 'Its record was not created' };
        if (gone.has(recordId)) return entry(change, 'missing');
        if (operation === 'remove') return entry(change, 'removed');
        return entry(change, fresh === null || fresh.has(recordId) ? 'added' : 'kept');
      }),
    );
  }
}

function membersToChange({ state, plan }: ApplyScope, list: string): Fragment {
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
  )`;
}
