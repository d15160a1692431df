"""Command line of АЗС TwinLab; ``make`` only gives its commands short names.

The warehouse itself is `generator/`, `models/` and `ml/`, built by plain ``dbt build``. This package adds what dbt does
not do: installation, checks of parameters and JSON, builds that are published only when complete, the report site and
exports. Evaluation and benchmarks are in `lab/`.
"""
