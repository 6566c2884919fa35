-- One row per mail sent to a lead and per reaction to it. Reactions within ten seconds are a mail gateway that tries links.
with timed as (
  select
    event_id,
    person_id,
    campaign,
    event,
    occurred_at,
    min(case when event = 'sent' then occurred_at end) over (partition by person_id, campaign) as sent_at
  from {{ source('mail', 'email_events') }}
)

select
  timed.event_id,
  people.lead_id,
  timed.campaign,
  timed.event,
  timed.occurred_at
from timed
-- the lead behind the record; people whom the CRM has deleted drop out
inner join {{ ref('stg_people') }} as people on people.person_id = timed.person_id
where timed.event = 'sent' or {{ seconds_between('timed.sent_at', 'timed.occurred_at') }} >= 10
