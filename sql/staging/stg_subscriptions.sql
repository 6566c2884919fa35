-- One row per subscription, trials included; `ended_at` is null while it runs.
select
  account_id,
  plan,
  cast(seats as integer) as seats,
  plan <> 'trial' as is_paid,
  started_at,
  ended_at
from {{ source('billing', 'subscriptions') }}
