"""The report site as a benchmark builds it."""

import pytest

from lab.bench.stages.site import copy_site, size_mib


def test_a_site_is_measured_in_a_copy_without_what_was_built(tmp_path):
    reports = tmp_path / "reports"
    for name in ("pages/x.md", "node_modules/serve/main.js", "build/x.html", ".build-last/x", ".evidence/meta/x"):
        (reports / name).parent.mkdir(parents=True, exist_ok=True)
        (reports / name).write_text("12345678")
    copy = copy_site(reports, tmp_path / "copy", tmp_path / "twin.duckdb")
    assert sorted(path.name for path in copy.reports.iterdir()) == ["node_modules", "pages"]
    assert (copy.reports / "node_modules" / "serve" / "main.js").read_text() == "12345678"
    assert size_mib(copy.reports / "pages") == pytest.approx(8 / 1024**2)
