-- One row per deal. `closed_at` is null while it is open; `amount` is null while nobody has made an offer.
select
  deal_id,
  account_id,
  deal_type,
  stage,
  cast(amount as integer) as amount,
  opened_at,
  closed_at
from {{ source('crm', 'deals') }}
