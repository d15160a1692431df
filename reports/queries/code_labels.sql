-- Russian labels of the codes in the source.
select
    labels.code,
    labels.label
from (values
    ('ai92', 'АИ-92'),
    ('ai95', 'АИ-95'),
    ('ai95_eco', 'АИ-95 Эко'),
    ('ai98', 'АИ-98'),
    ('ai100', 'АИ-100'),
    ('diesel', 'Дизель'),
    ('lpg', 'Газ (СУГ)'),
    ('none', 'Без заправок'),
    ('cash', 'Наличные'),
    ('card', 'Банковская карта'),
    ('app', 'Приложение'),
    ('fuel_card', 'Топливная карта'),
    ('true', 'да'),
    ('false', 'нет')
) as labels (code, label)
