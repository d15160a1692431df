with pairs as (

    select * from {{ ref('portrait_overlaps') }}

),

portraits as (

    select * from {{ ref('dim_portraits') }}

),

final as (

    select
        pairs.portrait_code,
        pairs.other_portrait_code,
        portraits.label_ru,
        others.label_ru as other_label_ru,
        pairs.clients_count,
        pairs.both_count,
        pairs.overlap_share,
        pairs.portrait_code = pairs.other_portrait_code as is_self
    from pairs
    left join portraits
        on pairs.portrait_code = portraits.portrait_code
    left join portraits as others
        on pairs.other_portrait_code = others.portrait_code

)

select * from final
