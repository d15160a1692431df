-- One row per scope, size, separation and method, with the grades over all clients side by side.
select
    scope_code,
    clients_count,
    separation,
    method_code,
    method,
    method_description,
    method_order,
    max(seeds_count) filter (where grade_code = 'macro_f1') as seeds_count,
    max(value) filter (where grade_code = 'accuracy') as accuracy,
    max(value) filter (where grade_code = 'macro_f1') as macro_f1,
    max(low) filter (where grade_code = 'macro_f1') as macro_f1_low,
    max(high) filter (where grade_code = 'macro_f1') as macro_f1_high,
    max(value) filter (where grade_code = 'macro_f1_difference') as difference,
    max(low) filter (where grade_code = 'macro_f1_difference') as difference_low,
    max(high) filter (where grade_code = 'macro_f1_difference') as difference_high,
    max(value) filter (where grade_code = 'ceiling_share') as ceiling_share,
    max(low) filter (where grade_code = 'ceiling_share') as ceiling_share_low,
    max(high) filter (where grade_code = 'ceiling_share') as ceiling_share_high,
    max(seeds_count) filter (where grade_code = 'ceiling_share') as ceiling_seeds_count,
    max(value) filter (where grade_code = 'ari') as ari,
    max(value) filter (where grade_code = 'undefined_share') as undefined_share,
    max(low) filter (where grade_code = 'undefined_share') as undefined_share_low,
    max(high) filter (where grade_code = 'undefined_share') as undefined_share_high,
    max(value) filter (where grade_code = 'ece') as ece,
    max(low) filter (where grade_code = 'ece') as ece_low,
    max(high) filter (where grade_code = 'ece') as ece_high,
    max(value) filter (where grade_code = 'stability_share') as stability_share,
    max(value) filter (where grade_code = 'stability_ari') as stability_ari,
    max(value) filter (where grade_code = 'min_confidence') as min_confidence
from ${evaluation_grades}
where portrait_code is null and bin_number is null
group by scope_code, clients_count, separation, method_code, method, method_description, method_order
