import { sql } from 'kysely';
import type { ScoredModel } from '../project/model-types.ts';
import type { Sync } from '../project/sync-types.ts';
import type { Fragment } from '../sql/types.ts';
import type { CompiledProject } from './types.ts';

/**
 * A SELECT with a row per key (`trail_key`, text) of what the history says of a scored model's rows: `previous_score` and
 * `previous_tier` (the last ones that were not the present ones), `tier_since`, and by what the sync announces `crossed_at`
 * (the last change of tier) and `crossings` (their number). A change that time or another model version brought is
 * announced by `announce: all` alone: thousands of rows at once would set off thousands of workflows. `tier_cause` says
 * what brought the present tier.
 */
export function scoreTrail(
  { dialect, asOf, history }: CompiledProject,
  model: ScoredModel,
  announce: Sync['announce'],
): Fragment {
  const announced = announce === 'all' ? sql`cause <> 'first'` : sql`cause in ('behaviour', 'override')`;
  const moved = sql`place > 1 and tier is distinct from previous_tier`;
  return sql`select trail_key, max(case when as_of = score_since then previous_score end) as previous_score,
  max(case when as_of = tier_since then previous_tier end) as previous_tier, max(tier_since) as tier_since,
  max(case when is_crossing = 1 then as_of end) as crossed_at, sum(is_crossing) as crossings,
  max(case when as_of = tier_since then cause end) as tier_cause
from (
  select steps.*, case when ${moved} and ${announced} then 1 else 0 end as is_crossing,
    max(case when place = 1 or tier is distinct from previous_tier then as_of end) over (partition by trail_key) as tier_since,
    max(case when place = 1 or score <> previous_score then as_of end) over (partition by trail_key) as score_since
  from (
    select key as trail_key, as_of, score, tier, cause, lag(score) over (partition by key order by as_of) as previous_score,
      lag(tier) over (partition by key order by as_of) as previous_tier,
      row_number() over (partition by key order by as_of) as place
    from ${history}
    where model = ${dialect.bind({ kind: 'text' }, model.name)}
      and as_of <= ${dialect.bind({ kind: 'timestamp' }, asOf.instant)}
  ) as steps
) as marked
group by trail_key`;
}
