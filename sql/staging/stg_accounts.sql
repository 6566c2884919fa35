-- One row per account of the CRM, its website reduced to a bare domain.
select
  account_id,
  name,
  replace(replace(replace(replace(lower(trim(website)), 'https://', ''), 'http://', ''), 'www.', ''), '/', '') as domain,
  industry,
  cast(employees as integer) as employees,
  region,
  created_at
from {{ source('crm', 'accounts') }}
