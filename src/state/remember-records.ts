import { sql } from 'kysely';
import type { Fragment } from '../sql/types.ts';
import { type State, stateTable } from './state.ts';

/**
 * Statements that tell `identities` which record has a match value, or that none has. The new row comes first and the old
 * one goes then, so that a script that stopped half-way loses no match value and can be repeated.
 * @param heard a relation of `portal_id`, `identity_id`, `record_id` and `heard_at`, one row per identity
 */
export function rememberRecords(state: State, heard: Fragment): readonly Fragment[] {
  const identities = stateTable(state, 'identities');
  return [
    sql`insert into ${identities} (portal_id, identity_id, object, property, match_value, record_id, heard_at)
select i.portal_id, i.identity_id, i.object, i.property, i.match_value, h.record_id, h.heard_at
from ${heard} h
join ${identities} i on i.portal_id = h.portal_id and i.identity_id = h.identity_id
where h.record_id is distinct from i.record_id and not exists (
  select 1 from ${identities} n
  where n.portal_id = h.portal_id and n.identity_id = h.identity_id and n.record_id is not distinct from h.record_id
)`,
    sql`delete from ${identities} where exists (
  select 1 from ${heard} h
  where h.portal_id = identities.portal_id and h.identity_id = identities.identity_id
    and h.record_id is distinct from identities.record_id
)`,
  ];
}
