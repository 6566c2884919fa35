-- One row per page view.
select
  person_id as lead_id,
  viewed_at,
  lower({{ url_path('url') }}) as path
from {{ source('app', 'page_views') }}
