select
    client_id,
    cast(client_id as varchar) as source_client_id,
    client_type,
    region_code,
    has_loyalty_card,
    has_fuel_card,
    has_contract,
    has_marketing_consent,
    cast(registered_on as date) as registered_on
from {{ ref('raw_twin__clients') }}
