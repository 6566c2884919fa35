-- One row per page view of a known lead: machines out, rows that the tracker sent twice once, paths in one spelling.
with deliveries as (
  select
    view_id,
    session_id,
    person_id,
    viewed_at,
    url,
    lower({{ url_path('url') }}) as path,
    lower(user_agent) as user_agent,
    row_number() over (partition by view_id order by viewed_at) as delivery
  from {{ source('web', 'page_views') }}
  where person_id is not null
)

select
  deliveries.view_id,
  people.lead_id,
  deliveries.session_id,
  deliveries.viewed_at as occurred_at,
  deliveries.url,
  case
    when deliveries.path like '%_/' then substr(deliveries.path, 1, length(deliveries.path) - 1)
    else deliveries.path
  end as path
from deliveries
-- the lead behind the record; people whom the CRM has deleted drop out
inner join {{ ref('stg_people') }} as people on people.person_id = deliveries.person_id
-- whether a machine made the session
inner join {{ ref('stg_web_sessions') }} as sessions on sessions.session_id = deliveries.session_id
where
  deliveries.delivery = 1
  and not sessions.is_bot
  and deliveries.user_agent not like '%bot%'
  and deliveries.user_agent not like '%monitor%'
