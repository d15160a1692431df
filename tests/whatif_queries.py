"""The queries of the site that are the warehouse's macros of what-if, rendered: `python -m tests.whatif_queries`."""

from pathlib import Path

import jinja2

ROOT = Path(__file__).parents[1]
QUERIES = ROOT / "reports" / "queries"


def rendered() -> dict[str, str]:
    """Render each query as the site takes it: other queries stand in it by name."""
    text = (ROOT / "dbt_project" / "macros" / "whatif.sql").read_text(encoding="utf-8")
    macros = jinja2.Environment(autoescape=False).from_string(text).module  # noqa: S701
    return {
        "whatif_results": macros.whatif_results("${whatif_coefficients}", "${whatif_settings}") + "\n",
        "whatif_total": macros.whatif_total("${whatif_results}") + "\n",
    }


if __name__ == "__main__":
    for name, query in rendered().items():
        (QUERIES / f"{name}.sql").write_text(query, encoding="utf-8")
