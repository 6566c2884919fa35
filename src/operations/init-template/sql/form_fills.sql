-- One row per form sent.
select
  person_id as lead_id,
  filled_at,
  form
from {{ source('app', 'form_fills') }}
