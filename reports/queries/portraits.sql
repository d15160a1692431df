select
    profiles.*,
    portraits.label_ru as portrait,
    portraits.description_ru,
    portraits.business_value_ru,
    portraits.recommendations_ru,
    '/portraits/' || profiles.portrait_code || '/' as href
from warehouse.mart_portrait_profiles as profiles
inner join warehouse.dim_portraits as portraits on profiles.portrait_code = portraits.portrait_code
