-- One row per person record of the CRM. Records that share an address are one lead, named after the oldest of them.
with cleaned as (
  select
    person_id,
    account_id,
    case when email like '%_@_%' then lower(trim(email)) end as email,
    first_name,
    last_name,
    lower(trim(job_title)) as job_title,
    lower(seniority) as seniority,
    lower(department) as department,
    region,
    lead_source,
    consent,
    created_at
  from {{ source('crm', 'people') }}
)

select
  person_id,
  first_value(person_id) over (
    partition by coalesce(email, person_id)
    order by created_at, person_id
  ) as lead_id,
  account_id,
  email,
  {{ email_domain('email') }} as email_domain,
  first_name,
  last_name,
  job_title,
  seniority,
  department,
  region,
  lead_source,
  consent,
  created_at
from cleaned
