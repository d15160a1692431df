select
    reasons.portrait_code,
    reasons.metric_label_ru as metric,
    criteria.asked,
    reasons.metric_label_ru || ': ' || criteria.asked as criterion,
    reasons.known_count,
    reasons.matched_share,
    reasons.contribution
from warehouse.mart_portrait_reasons as reasons
inner join ${portrait_criteria} as criteria
    on reasons.portrait_code = criteria.portrait_code and reasons.criterion_code = criteria.criterion_code
