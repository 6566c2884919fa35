-- One row per lead: a person whom the CRM knew by `as_of`, duplicates merged, our own staff left out.
with consents as (
  -- one row per lead: a no on any of its records wins, and who was never asked has not agreed
  select
    lead_id,
    coalesce(min(case when consent then 1 when not consent then 0 end), 0) = 1 as agreed
  from {{ ref('stg_people') }}
  where created_at <= {{ param('as_of') }}
  group by lead_id
),

unsubscribed as (
  -- one row per lead that took its consent back
  select distinct lead_id
  from {{ ref('stg_email_events') }}
  where event = 'unsubscribed' and occurred_at <= {{ param('as_of') }}
)

select
  people.lead_id,
  people.email,
  people.email_domain,
  people.first_name,
  people.last_name,
  people.job_title,
  people.seniority,
  people.department,
  accounts.account_id,
  accounts.name as company,
  accounts.industry,
  accounts.employees,
  coalesce(people.region, accounts.region) as region,
  coalesce(accounts.is_customer, false) as is_customer,
  coalesce(accounts.has_open_deal, false) as has_open_deal,
  coalesce(people.email_domain in {{ param('free_mail_domains') }}, false) as is_free_mail,
  coalesce(people.email_domain in {{ param('competitor_domains') }}, false) as is_competitor,
  coalesce(people.job_title like '%student%', false)
  or coalesce(people.email_domain like '%university%', false)
  or coalesce(people.email_domain like '%college%', false) as is_student,
  consents.agreed and unsubscribed.lead_id is null as has_consent,
  people.lead_source,
  people.created_at
from {{ ref('stg_people') }} as people
-- whether the lead agreed to marketing
inner join consents on consents.lead_id = people.lead_id
-- whether it took that back
left join unsubscribed on unsubscribed.lead_id = people.lead_id
-- the account by the address, for people whom nobody linked to one
left join {{ ref('accounts') }} as same_domain on same_domain.domain = people.email_domain
-- the account itself
left join {{ ref('accounts') }} as accounts
  on accounts.account_id = coalesce(people.account_id, same_domain.account_id)
where
  people.person_id = people.lead_id
  and people.created_at <= {{ param('as_of') }}
  and coalesce(people.email_domain, '') <> {{ param('own_domain') }}
