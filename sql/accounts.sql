-- One row per account known by `as_of`, with the subscription it had then.
with current_subscriptions as (
  select
    account_id,
    plan,
    seats,
    is_paid,
    row_number() over (partition by account_id order by started_at desc) as newest
  from {{ ref('stg_subscriptions') }}
  where
    started_at <= {{ param('as_of') }}
    and (ended_at is null or ended_at > {{ param('as_of') }})
),

open_deals as (
  -- one row per account that sales is talking with
  select distinct account_id
  from {{ ref('stg_deals') }}
  where
    opened_at <= {{ param('as_of') }}
    and (closed_at is null or closed_at > {{ param('as_of') }})
)

select
  accounts.account_id,
  accounts.name,
  accounts.domain,
  accounts.industry,
  accounts.employees,
  accounts.region,
  coalesce(subscriptions.plan, 'none') as plan,
  coalesce(subscriptions.seats, 0) as seats,
  coalesce(subscriptions.is_paid, false) as is_customer,
  open_deals.account_id is not null as has_open_deal,
  accounts.created_at
from {{ ref('stg_accounts') }} as accounts
-- plan and seats, where the account has any
left join current_subscriptions as subscriptions
  on subscriptions.account_id = accounts.account_id and subscriptions.newest = 1
-- whether sales is talking with it
left join open_deals on open_deals.account_id = accounts.account_id
where accounts.created_at <= {{ param('as_of') }}
