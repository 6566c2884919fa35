-- One row per form that a known lead sent.
select
  fills.fill_id,
  people.lead_id,
  fills.filled_at as occurred_at,
  fills.form
from {{ source('web', 'form_fills') }} as fills
-- the lead behind the record; people whom the CRM has deleted drop out
inner join {{ ref('stg_people') }} as people on people.person_id = fills.person_id
