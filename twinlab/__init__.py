"""Command line of АЗС TwinLab: the commands behind ``make``.

The warehouse itself is `generator/`, `models/` and `ml/`, built by plain ``dbt build``. This package adds what dbt does
not do: checks of parameters and JSON, builds that are published only when complete, the report site and exports.
Evaluation and benchmarks are in `lab/`.
"""
