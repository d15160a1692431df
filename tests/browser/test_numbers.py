"""What the pages say is what the warehouse holds."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest

pytestmark = pytest.mark.browser

NBSP = "\u00a0"


def _russian(number: float) -> str:
    return f"{number:,.0f}".replace(",", NBSP).replace("-", "\u2212")


def test_run_is_named_on_the_page(open_page, warehouse) -> None:
    run_id, clients = warehouse.sql("select run_id, clients_count from marts.run_info").fetchone()
    footer = open_page("/").inner_text("footer")
    assert run_id in footer
    assert _russian(clients) in footer.replace(" ", NBSP)


def test_feature_profits(open_page, warehouse) -> None:
    page = open_page("/features/")
    shown = page.locator("article .row-chart").first.locator(".row")
    profits = warehouse.sql(
        """
        select label_ru, profit_rub_per_month
        from marts.mart_feature_metrics join marts.dim_features using (feature_code)
        """
    ).fetchall()
    assert profits
    for label, profit in profits:
        row = shown.filter(has_text=label).locator(".value")
        assert row.inner_text().startswith(f"{_russian(profit)}{NBSP}₽"), label


def test_portrait_sizes(open_page, warehouse) -> None:
    page = open_page("/portraits/")
    shown = page.locator("article .row-chart").first.locator(".row")
    sizes = warehouse.sql(
        """
        select label_ru, clients_count
        from marts.mart_portrait_profiles join marts.dim_portraits using (portrait_code)
        where clients_count > 0
        """
    ).fetchall()
    assert sizes
    for label, count in sizes:
        rows = shown.filter(has=page.get_by_text(label, exact=True))
        assert rows.locator(".value").inner_text() == _russian(count), label


def _percent(share: float) -> str:
    # As the pages round: a half goes up, where Python's format takes the even digit.
    rounded = Decimal(str(round(100 * share, 9))).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{rounded}{NBSP}%".replace(".", ",")


def test_credibility_counts_what_was_met(open_page, warehouse) -> None:
    shown = open_page("/credibility/").locator("article .figure .number").all_inner_texts()
    expected = warehouse.sql(
        """
        select
            count(*) filter (kind = 'calibration' and is_passed),
            count(*) filter (kind = 'calibration' and not is_passed),
            count(*) filter (kind = 'calibration' and is_passed and not is_input),
            count(*) filter (kind = 'physical' and is_passed)
        from marts.mart_twin_quality
        """
    ).fetchone()
    assert shown == [str(count) for count in expected]


def test_synthetic_and_published_shares(open_page, warehouse) -> None:
    page = open_page("/credibility/")
    rows = warehouse.sql(
        """
        select label_ru, value, published_value, target_low, target_high from marts.mart_twin_quality
        where unit_ru = 'доля' and published_value > 0
        """
    ).fetchall()
    assert rows
    for label, value, published, low, high in rows:
        shown = page.locator("article .row-chart .row").filter(has=page.get_by_text(label, exact=True))
        text = " ".join(shown.locator(".value").inner_text().split("\n"))
        low = _percent(low).removesuffix(f"{NBSP}%")
        allowed = f"от {low} до {_percent(high)}"
        assert text == f"{_percent(value)} опубликовано {_percent(published)} допустимо {allowed}", label


def test_every_parameter_is_listed(open_page, warehouse) -> None:
    page = open_page("/credibility/")
    codes = page.locator("article details tbody tr td:first-child").all_text_contents()
    rows = warehouse.sql("select parameter_code, is_assumption from marts.mart_twin_parameters").fetchall()
    assert sorted(codes) == sorted(code for code, _ in rows)
    assert f"Из {len(rows)} параметр" in page.inner_text("article")
    assumed = sum(is_assumption for _, is_assumption in rows)
    assert f"генератора {assumed} — предположения" in page.inner_text("article")


def _labels(warehouse) -> dict[str, str]:
    return dict(warehouse.sql("select portrait_code, label_ru from marts.dim_portraits").fetchall())


def _rows(page, heading: str) -> list[list[str]]:
    # Evidence keeps a second copy of each table for the printer, and puts the rows into no tbody.
    tables = page.locator("article .table-container table:visible").filter(has_text=heading)
    rows = [row.locator("td").all_inner_texts() for row in tables.locator("tr:has(td)").all()]
    return [[cell.strip() for cell in row] for row in rows]


def test_evaluation_figures(open_page, warehouse) -> None:
    shown = open_page("/evaluation/").locator("article .figure .number").all_inner_texts()
    grades = dict(
        warehouse.sql(
            """
            select grade_code, value from marts.mart_evaluation
            where scope_code = 'run' and method_code = 'twinlab' and portrait_code is null and bin_number is null
            """
        ).fetchall()
    )
    assert shown == [
        _percent(grades["accuracy"]),
        f"{grades['macro_f1']:.3f}".replace(".", ","),
        f"{grades['ece']:.3f}".replace(".", ","),
        _percent(grades["undefined_share"]),
    ]


def test_confusion_matrix(open_page, warehouse) -> None:
    table = open_page("/evaluation/").locator("article .scroll table").first
    found = [" ".join(name.split()) for name in table.locator("thead th").all_inner_texts()[1:]]
    shown = {}
    for row in table.locator("tbody tr").all():
        portrait = " ".join(row.locator("th").inner_text().split())
        cells = row.locator("td").evaluate_all("all => all.map((one) => [one.innerText.trim(), one.title])")
        shown |= {(portrait, name): tuple(cell) for name, cell in zip(found, cells, strict=True)}
    label = _labels(warehouse)
    pairs = warehouse.sql(
        """
        select portrait_code, predicted_code, value, value / sum(value) over (partition by portrait_code)
        from marts.mart_evaluation
        where scope_code = 'run' and method_code = 'twinlab' and grade_code = 'clients_count'
        """
    ).fetchall()
    assert pairs
    counts = {}
    for true, predicted, count, share in pairs:
        pair = label[true], label[predicted]
        text, note = shown[pair]
        if share < 0.005:
            assert text == f"<1{NBSP}%", pair
        else:
            assert abs(int(text.removesuffix(f"{NBSP}%")) - 100 * share) <= 0.5 + 1e-9, pair
        assert f": клиентов {count:.0f} из {count / share:.0f}" in note, pair
        counts[pair] = count
    assert {pair for pair, (text, _) in shown.items() if text != "·"} == set(counts)
    assert label["undefined"] in found


def test_reliability_curve(open_page, warehouse) -> None:
    page = open_page("/evaluation/")
    rows = _rows(page, "Названная вероятность, в среднем")
    expected = warehouse.sql(
        """
        select
            max(value) filter (grade_code = 'bin_clients_count'),
            max(value) filter (grade_code = 'bin_mean_prob'),
            max(value) filter (grade_code = 'bin_right_share')
        from marts.mart_evaluation
        where scope_code = 'run' and method_code = 'twinlab' and bin_number is not null
        group by bin_number
        order by bin_number
        """
    ).fetchall()
    assert expected
    assert [tuple(cells[1:4]) for cells in rows] == [
        (_russian(clients), _percent(mean), _percent(right)) for clients, mean, right in expected
    ]
    curve = page.locator("article .trend", has_text="Доля верных по названной вероятности")
    assert curve.locator("canvas").count() == 1


def test_criteria_and_examples_of_a_portrait(open_page, warehouse) -> None:
    code, clients = warehouse.sql(
        """
        select portrait_code, list(client_id order by example_number) from marts.mart_portrait_examples
        where example_code = 'typical' group by portrait_code order by count(*) desc, portrait_code limit 1
        """
    ).fetchone()
    page = open_page(f"/portraits/{code}/")
    reasons = page.locator("article .row-chart", has_text="Доля клиентов портрета, выполняющих критерий")
    expected = warehouse.execute(
        """
        select matched_share from marts.mart_portrait_reasons
        where portrait_code = $1 order by contribution desc
        """,
        [code],
    ).fetchall()
    assert [text.strip() for text in reasons.locator(".row:not([aria-hidden]) .value").all_inner_texts()] == [
        _percent(share) for (share,) in expected
    ]
    assert [int(row[0]) for row in _rows(page, "Второй портрет")[: len(clients)]] == clients


def test_hours_of_a_portrait_stand_in_their_order(open_page, warehouse) -> None:
    # The portrait with the fewest hours: those that are missing must not move the others.
    code, visits = warehouse.sql(
        """
        select portrait_code, sum(visits_count) from marts.mart_week_profile
        group by portrait_code order by count(*), portrait_code limit 1
        """
    ).fetchone()
    table = open_page(f"/portraits/{code}/").locator("article .scroll table").filter(has_text="Пн")
    assert table.locator("thead th").all_inner_texts()[1:] == [str(hour) for hour in range(24)]
    notes = table.locator("td").evaluate_all("all => all.map((one) => one.title)")
    assert len(notes) == 7 * 24
    assert sum(int(note.rsplit(" ", 1)[1]) for note in notes) == visits


def test_reach_and_overlap_of_the_criteria(open_page, warehouse) -> None:
    page = open_page("/portraits/")
    reach = page.locator("article .row-chart", has_text="Выполняют все критерии портрета")
    rows = warehouse.sql("select label_ru, clients_count from marts.mart_portrait_overlaps where is_self").fetchall()
    assert rows
    for label, count in rows:
        row = reach.locator(".row").filter(has=page.get_by_text(label, exact=True))
        assert row.locator(".value").inner_text() == _russian(count), label
    shared = warehouse.sql(
        "select label_ru, other_label_ru, both_count, clients_count from marts.mart_portrait_overlaps where not is_self"
    ).fetchall()
    for label, other, both, count in shared:
        note = f"{label} → {other}: {both} из {count}"
        assert page.locator(f'article .scroll td[title="{note}"]').count() == 1, note


def test_migration(open_page, warehouse) -> None:
    page = open_page("/portraits/")
    flows = warehouse.sql(
        """
        select
            from_label_ru, to_label_ru, sum(clients_count),
            sum(sum(clients_count)) over (partition by from_label_ru)
        from marts.mart_portrait_migration
        group by from_label_ru, to_label_ru
        """
    ).fetchall()
    moves = [flow for flow in flows if flow[0] != flow[1]]
    assert moves
    for before, after, count, total in flows:
        note = f"{before} → {after}: {count} из {total}"
        cell = page.locator(f'article .scroll td[title="{note}"]')
        assert cell.inner_text() == (_percent(count / total) if count / total >= 0.0005 else f"<0,1{NBSP}%"), note
        # The colour is for who moves: who stays is hatched.
        assert ("background" in (cell.get_attribute("style") or "")) == (before != after), note
    shown = [row[:2] for row in _rows(page, "Кем стали")]
    largest = sorted((count for *_, count, _ in moves), reverse=True)[:10]
    assert [next(n for b, a, n, _ in moves if [b, a] == pair) for pair in shown] == largest


def test_findings_on_the_criteria(open_page, warehouse) -> None:
    text = " ".join(open_page("/portraits/").inner_text("article").split())
    advice = warehouse.sql("select advice_ru from marts.mart_portrait_checks where finding_code <> 'ok'").fetchall()
    for (sentence,) in advice:
        assert " ".join(sentence.split()) in text
    assert ("Каждый критерий кого-то отсекает" in text) == (not advice)


def test_sql_examples_run(open_page, warehouse) -> None:
    examples = open_page("/method/").locator("article figure pre").all_inner_texts()
    assert examples
    for example in examples:
        assert warehouse.sql(example).columns, example


def _half_up(number: float) -> str:
    # What rounds to zero has no sign.
    return " ".join(_russian(Decimal(str(number)).quantize(Decimal(1), ROUND_HALF_UP) + 0).split())


def _features(warehouse) -> dict[str, str]:
    rows = warehouse.sql("select feature_code, randomization_unit from marts.dim_features order by 1").fetchall()
    assert rows
    return dict(rows)


def _text(facts_of, code: str) -> str:
    return " ".join(facts_of(f"/features/{code}/").text.split())


def test_brief_of_each_feature(facts_of, warehouse) -> None:
    briefs = warehouse.sql("select feature_code, brief_ru from marts.mart_feature_briefs").fetchall()
    assert briefs
    for code, brief in briefs:
        shown = " ".join(" ".join(facts_of(f"/features/{code}/").visible_texts).split())
        _, *paragraphs = (" ".join(block.replace("**", "").split()) for block in brief.split("\n\n") if block.strip())
        assert paragraphs[0] in _text(facts_of, code), code
        for paragraph in paragraphs:
            assert paragraph in shown, (code, paragraph)


def test_whom_to_offer_a_feature(facts_of, warehouse) -> None:
    for code in _features(warehouse):
        points = warehouse.execute(
            """
            select targeted_share, profit_rub_per_month, profit_rub_per_month_low, profit_rub_per_month_high
            from marts.mart_targeting_curve
            where feature_code = $1 and policy_code = 'uplift' and (is_recommended or targeted_share = 1)
            """,
            [code],
        ).fetchall()
        text = _text(facts_of, code)
        is_told_why_not = "выбирать отдельных клиентов" in text or "отдельные клиенты не выбираются" in text
        assert is_told_why_not == (not points), code
        for share, *estimate in points:
            profit, low, high = map(_half_up, estimate)
            told = f"{profit} ₽ в месяц (от {low} до {high} ₽;" if share else "Советовать почти некого"
            assert told in text, (code, share)


def test_personal_offers_of_a_feature(open_page, warehouse) -> None:
    for code in _features(warehouse):
        offers = warehouse.execute(
            """
            select label_ru, clients_count from marts.mart_offers join marts.dim_portraits using (portrait_code)
            where feature_code = $1
            """,
            [code],
        ).fetchall()
        page = open_page(f"/features/{code}/")
        shown = {row[0]: row[1] for row in _rows(page, "Предсказанная прибыль")}
        assert shown == {label: _russian(count) for label, count in offers}, code
        page.close()


def test_visits_moved_between_stations(facts_of, warehouse) -> None:
    rows = warehouse.sql("select feature_code, moved_visits_per_month from marts.mart_feature_metrics").fetchall()
    assert rows
    for code, moved in rows:
        text = _text(facts_of, code)
        if moved is None:
            assert "Переехали с других наших станций" not in text, code
        else:
            assert f"Переехали с других наших станций, визитов в месяц {_half_up(moved)} " in text, code


def test_interest_halves(facts_of, warehouse) -> None:
    half_lives = dict(
        warehouse.sql("select distinct feature_code, half_life_weeks from marts.mart_interest_curves").fetchall()
    )
    for code in _features(warehouse):
        text, weeks = _text(facts_of, code), half_lives.get(code)
        if weeks is None:
            assert "интерес спадает вдвое за" not in text, code
        else:
            rounded = str(Decimal(str(weeks)).quantize(Decimal("0.1"), ROUND_HALF_UP)).replace(".", ",")
            assert f"интерес спадает вдвое за {rounded} нед." in text, code
