select
    client_id,
    source_client_id,
    client_type,
    region_code,
    main_fuel_grade,
    tank_volume_l,
    vehicles_count,
    has_loyalty_card,
    has_fuel_card,
    has_contract,
    has_marketing_consent,
    registered_on
from {{ ref('stg_own__clients_judged') }}
where reason_code is null
