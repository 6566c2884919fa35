-- One row per deal and lead that takes part in it, as it stands today.
select
  deals.deal_id,
  people.lead_id,
  deals.account_id,
  deals.deal_type,
  deals.stage,
  deals.amount,
  deals.opened_at,
  deals.closed_at
from {{ ref('stg_deals') }} as deals
-- who takes part
inner join {{ source('crm', 'deal_contacts') }} as contacts on contacts.deal_id = deals.deal_id
-- the lead behind the record
inner join {{ ref('stg_people') }} as people on people.person_id = contacts.person_id
