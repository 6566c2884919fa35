import { sql } from 'kysely';
import type { Fragment } from '../sql/types.ts';
import { identityOf } from '../state/identity.ts';
import { instant, stateTable } from '../state/state.ts';
import type { DecideRequest } from './decide-request.ts';

/**
 * Statements for rows whose match value was not known when a person was forgotten, and whose record, as was just looked
 * up, is that person's: the row is excluded, and the match value forgotten too. To be run behind `learnLookups`.
 */
export function leaveForgotten(
  { state, planId, portalId, sync }: Pick<DecideRequest, 'state' | 'planId' | 'portalId' | 'sync'>,
  at: Date,
): readonly Fragment[] {
  const { object } = sync;
  const forgotten = stateTable(state, 'forgotten');
  const identities = stateTable(state, 'identities');
  const candidates = stateTable(state, 'candidates');
  const isForgotten = (alias: string) =>
    sql`exists (select 1 from ${forgotten} f where f.identity_id = ${sql.ref(`${alias}.identity_id`)})`;
  const ofPlan = sql`c.plan_id = ${planId} and ${isForgotten('c')}`;
  return [
    sql`insert into ${forgotten} (identity_id, object, property, forgotten_at)
select i.identity_id, i.object, i.property, ${instant(state, at.toISOString())}
from ${stateTable(state, 'lookups')} l
join ${identities} i on i.identity_id = l.identity_id and i.portal_id = ${portalId}
join ${forgotten} f on f.object = ${object} and f.property = 'hs_object_id'
  and f.identity_id = ${identityOf(state, object, 'hs_object_id', sql`l.record_id`)}
where l.plan_id = ${planId} and l.record_id is not null and not ${isForgotten('l')}`,
    sql`update ${stateTable(state, 'plans')}
set excluded_rows = excluded_rows + (select count(*) from ${candidates} c where ${ofPlan})
where plan_id = ${planId}`,
    ...(['candidates', 'lookups'] as const).map(
      (table) =>
        sql`delete from ${stateTable(state, table)} where plan_id = ${planId}
  and identity_id in (select identity_id from ${forgotten})`,
    ),
    sql`delete from ${identities} where object = ${object} and identity_id in (select identity_id from ${forgotten})`,
  ];
}
