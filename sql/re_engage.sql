-- One row per lead who suits us well, may be contacted, and does nothing with us any more.
select fit.lead_id
from {{ ref('lead_fit') }} as fit
-- what the lead does
inner join {{ ref('lead_engagement') }} as engagement on engagement.lead_id = fit.lead_id
-- whether the lead may be contacted
inner join {{ ref('leads') }} as leads on leads.lead_id = fit.lead_id
where
  fit.tier = 'ideal'
  and engagement.tier = 'quiet'
  and leads.has_consent
  and not leads.is_customer
