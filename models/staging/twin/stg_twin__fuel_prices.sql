select
    region_code,
    fuel_grade,
    cast({{ roubles('price_kopecks_per_l') }} as decimal(10, 2)) as price_rub_per_l,
    cast({{ roubles('margin_kopecks_per_l') }} as decimal(10, 2)) as margin_rub_per_l,
    cast(price_on as date) as price_on
from {{ ref('raw_twin__fuel_prices') }}
