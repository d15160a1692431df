with visits as (

    select * from {{ ref('twin_visits') }}
    where segment_code = 'private' and volume_l > 0

),

items as (

    select * from {{ ref('fct_basket_items') }}

),

baskets as (

    select
        transaction_id,
        bool_or(category_code in ('coffee', 'drink')) as has_beverage,
        bool_or(category_code = 'snack') as has_snack,
        bool_or(category_code = 'meal') as has_meal
    from items
    group by transaction_id

),

final as (

    select
        visits.group_number,
        count(*) as visits_count,
        count(*) filter (where baskets.has_beverage) as beverage_visits_count,
        count(*) filter (where baskets.has_snack) as snack_visits_count,
        count(*) filter (where baskets.has_meal) as meal_visits_count
    from visits
    left join baskets
        on visits.transaction_id = baskets.transaction_id
    group by visits.group_number

)

select * from final
