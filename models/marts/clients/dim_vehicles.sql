select
    vehicle_id,
    client_id,
    fuel_grade,
    tank_volume_l
from {{ ref('int_vehicles') }}
