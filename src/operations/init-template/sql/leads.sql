-- One row per person.
select
  person_id as lead_id,
  lower(trim(email)) as email,
  first_name,
  last_name,
  job_title,
  seniority,
  company,
  industry,
  employees,
  consent,
  created_at
from {{ source('app', 'people') }}
-- `as_of` is the instant of the run. Models never read the clock, so any day can be scored again.
where created_at <= {{ param('as_of') }}
