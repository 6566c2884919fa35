-- One row per event in the product, with the lead who caused it and the account it happened in.
select
  events.event_id,
  events.account_id,
  people.lead_id,
  events.event,
  events.feature,
  cast(events.seats as integer) as seats,
  events.occurred_at
from {{ source('app', 'product_events') }} as events
-- the lead behind the record; people whom the CRM has deleted drop out
inner join {{ ref('stg_people') }} as people on people.person_id = events.person_id
