select
    feature_code,
    brief_ru
from {{ ref('feature_briefs') }}
