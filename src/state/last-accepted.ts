import { sql } from 'kysely';
import { ScorelineError } from '../errors/scoreline-error.ts';
import { textOf } from './row-values.ts';
import { type State, stateTable } from './state.ts';

export interface OlderRequest {
  readonly syncs: readonly string[];
  /** ISO: the instant whose scores are about to be sent. */
  readonly asOf: string;
  readonly signal?: AbortSignal;
}

/**
 * Makes sure that no sync is about to replace scores by older ones: one round trip.
 * @throws STATE_OLDER_AS_OF naming each sync whose last accepted scores are of a later instant, whatever the account
 */
export async function refuseOlder(state: State, { syncs, asOf, signal }: OlderRequest): Promise<void> {
  const { warehouse } = state;
  const rows = await warehouse.query(
    warehouse.dialect.compile(sql`select sync, as_of from (
  select sync, as_of, row_number() over (partition by sync order by applied_at desc, created_at desc) as recency
  from ${stateTable(state, 'plans')}
  where applied_at is not null and as_of is not null and sync in ${warehouse.dialect.inList(syncs)}
) applied
where recency = 1 order by sync`),
    { signal, purpose: 'read the instants of the scores accepted last' },
  );
  const newer = rows
    .map((row) => ({ sync: textOf(row, 'sync'), asOf: textOf(row, 'as_of') }))
    .filter((each) => Date.parse(each.asOf) > Date.parse(asOf));
  if (newer.length === 0) return;
  const held = newer.map((each) => `${each.sync} of ${each.asOf}`).join(', ');
  throw new ScorelineError(
    'STATE_OLDER_AS_OF',
    `HubSpot holds scores newer than the ${asOf} asked for: ${held}; nothing was built or written`,
    { details: { as_of: asOf, accepted: newer.map((each) => ({ sync: each.sync, as_of: each.asOf })) } },
  );
}
