import { sql } from 'kysely';
import type { Fragment } from '../sql/types.ts';
import { nullableText, stateTable } from '../state/state.ts';
import { type DecideRequest, decidedTable } from './decide-request.ts';
import { keyText, presentRows } from './sync-model.ts';

export interface SyncAudience {
  /** A whole SELECT of the members' keys. */
  readonly select: Fragment;
  readonly key: string;
}

export interface MembersRequest extends Pick<DecideRequest, 'state' | 'planId' | 'portalId' | 'sync' | 'model'> {
  /** The list's key in the sync's file. */
  readonly list: string;
  /** The key that the state knows it by, where that was another one. */
  readonly oldKey?: string;
  /** Null where the plan creates it. */
  readonly listId: string | null;
  readonly audience: SyncAudience;
}

/**
 * Compares an audience with the members that a list has as far as we know, and freezes who is added and removed. To be
 * run in the script of `decideRows`. Members are told apart by record; one whose row was refused is neither added nor
 * removed. One whom others added is not removed and not remembered (`met`): should the audience have him again, they may have
 * taken him out.
 */
export function decideMembers(request: MembersRequest): readonly Fragment[] {
  const { state, planId, portalId, sync, list, oldKey = list, listId } = request;
  const plan = nullableText(state, planId);
  const columns = sql`(plan_id, list, operation, verdict, priority, model_key, record_id)`;
  const current = sql`b.portal_id = ${portalId} and b.sync = ${sync.name} and b.list = ${oldKey}
  and b.list_id = ${nullableText(state, listId)}`;
  const members = stateTable(state, 'memberships');
  return [
    sql`insert into ${stateTable(state, 'plan_rows')} ${columns}
select ${plan}, ${nullableText(state, list)}, 'add', w.verdict, 0, w.model_key, w.record_id
from ${wantedMembers(request)} w
where not exists (
  select 1 from ${members} b where ${current} and b.record_id = w.record_id and b.added_at is not null
)`,
    sql`insert into ${stateTable(state, 'plan_rows')} ${columns}
select ${plan}, ${nullableText(state, list)}, case when b.own then 'remove' end, case when b.own then 'send' else 'met' end, 0, b.model_key, b.record_id
from ${members} b
where ${current}
  and not exists (select 1 from ${wantedMembers(request)} w where w.record_id = b.record_id)`,
  ];
}

/** One row per person that the audience wants in the list; without a record id where it is yet to be made, or missing. */
function wantedMembers({ state, planId, portalId, sync, model, audience }: MembersRequest): Fragment {
  const { dialect } = state.warehouse;
  const excluded =
    model.excludedColumn === undefined
      ? sql``
      : sql` and a.model_key not in (
        select model_key from (${presentRows(dialect, model)}) present where is_excluded = 1 and model_key is not null
      )`;
  return sql`(
  select model_key, record_id, verdict from (
    select model_key, record_id, verdict, row_number() over (
      partition by record_id, case when record_id is null then model_key end order by ${dialect.textOrder(sql`model_key`)}
    ) as place
    from (
      select a.model_key,
        case when d.model_key is null then s.record_id else d.record_id end as record_id,
        case
          when d.verdict = 'rejected' then 'rejected'
          when d.model_key is null and s.record_id is not null or d.record_id is not null or d.operation = 'create' then 'send'
          else 'missing'
        end as verdict
      from (select distinct ${keyText(state.warehouse.dialect, [audience.key], 'm')} as model_key from (${audience.select}) m) a
      left join ${decidedTable(planId)} d on d.model_key = a.model_key
      left join ${stateTable(state, 'snapshot')} s
        on s.model_key = a.model_key and s.portal_id = ${portalId} and s.sync = ${sync.name}
      where a.model_key is not null${excluded}
    ) found
  ) numbered
  where place = 1
)`;
}
