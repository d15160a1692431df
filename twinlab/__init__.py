"""The command-line edge of АЗС TwinLab: what stands behind ``make``.

The warehouse itself is `generator/`, `models/` and `ml/`, and plain ``dbt build`` makes it. This package adds what dbt
has no word for: checked parameters and JSON, building in a file of its own and publishing at the end, the report site
and exports. What measures the product is in `lab/`.
"""
