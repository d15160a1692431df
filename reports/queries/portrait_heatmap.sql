select
    heatmap.portrait_code,
    heatmap.metric_code,
    heatmap.value,
    heatmap.z_score,
    portraits.label_ru as portrait,
    metrics.label_ru as metric,
    metrics.unit_ru,
    metrics.format,
    metrics.sort_order,
    '/portraits/' || heatmap.portrait_code || '/' as href,
    portraits.label_ru || ', ' || metrics.label_ru || ': на '
    || replace(cast(round(abs(heatmap.z_score), 1) as varchar), '.', ',')
    || case when heatmap.z_score < 0 then ' ст. откл. меньше' else ' ст. откл. больше' end
    || ', чем у клиентов в среднем' as note
from warehouse.mart_portrait_heatmap as heatmap
inner join warehouse.dim_portraits as portraits on heatmap.portrait_code = portraits.portrait_code
inner join warehouse.dim_metrics as metrics on heatmap.metric_code = metrics.metric_code
inner join warehouse.mart_portrait_profiles as profiles on heatmap.portrait_code = profiles.portrait_code
where metrics.is_heatmap and profiles.clients_count > 0
