-- One row per session of a known visitor, with what gives a machine away: many pages, faster than anyone can read.
select
  session_id,
  count(*) as page_views,
  min(viewed_at) as started_at,
  max(viewed_at) as ended_at,
  count(*) >= 40 and {{ seconds_between('min(viewed_at)', 'max(viewed_at)') }} < 5 * count(*) as is_bot
from {{ source('web', 'page_views') }}
where person_id is not null
group by session_id
