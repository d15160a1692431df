"""Render the macros of the warehouse that are queries of the site: `python -m tests.site_queries`."""

from pathlib import Path

import jinja2

ROOT = Path(__file__).parents[1]
QUERIES = ROOT / "reports" / "queries"


def rendered() -> dict[str, str]:
    """Render each query as the site expects it, with references to other queries by name."""
    whatif, plans = _macros("whatif"), _macros("ab_plans")
    return {
        "whatif_results": whatif.whatif_results("${whatif_coefficients}", "${whatif_settings}") + "\n",
        "whatif_total": whatif.whatif_total("${whatif_results}") + "\n",
        "ab_plan_results": plans.ab_plan_results("${ab_plan_coefficients}", "${ab_plan_settings}") + "\n",
    }


def _macros(name: str):
    text = (ROOT / "dbt_project" / "macros" / f"{name}.sql").read_text(encoding="utf-8")
    return jinja2.Environment(autoescape=False).from_string(text).module  # noqa: S701


if __name__ == "__main__":
    for name, query in rendered().items():
        (QUERIES / f"{name}.sql").write_text(query, encoding="utf-8")
