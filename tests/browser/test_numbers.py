"""The pages show the numbers of the warehouse."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest

from tests.browser.browser_site import change, every_path

pytestmark = pytest.mark.browser

NBSP = "\u00a0"


def _russian(number: float) -> str:
    return f"{number:,.0f}".replace(",", NBSP).replace("-", "\u2212")


def test_run_is_named_on_the_page(visit, warehouse) -> None:
    run_id, clients = warehouse.sql("select run_id, clients_count from marts.run_info").fetchone()
    footer = visit("/").page.inner_text("footer")
    assert run_id in footer
    assert _russian(clients) in footer.replace(" ", NBSP)


def test_feature_profits(visit, warehouse) -> None:
    page = visit("/features/").page
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


def test_portrait_sizes(visit, warehouse) -> None:
    page = visit("/portraits/").page
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
    # Rounds as the pages do: halves up, where Python's format rounds to even.
    rounded = Decimal(str(round(100 * share, 9))).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{rounded}{NBSP}%".replace(".", ",")


def test_credibility_counts_what_was_met(visit, warehouse) -> None:
    shown = visit("/credibility/").page.locator("article .figure .number").all_inner_texts()
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


def test_synthetic_and_published_shares(visit, warehouse) -> None:
    page = visit("/credibility/").page
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


def test_every_parameter_is_listed(visit, warehouse) -> None:
    page = visit("/credibility/").page
    codes = page.locator("article details tbody tr td:first-child").all_text_contents()
    rows = warehouse.sql("select parameter_code, is_assumption from marts.mart_twin_parameters").fetchall()
    assert sorted(codes) == sorted(code for code, _ in rows)
    assert f"Из {len(rows)} параметр" in page.inner_text("article")
    assumed = sum(is_assumption for _, is_assumption in rows)
    assert f"генератора {assumed} — предположения" in page.inner_text("article")


def _labels(warehouse) -> dict[str, str]:
    return dict(warehouse.sql("select portrait_code, label_ru from marts.dim_portraits").fetchall())


READ_CELLS = "rows => rows.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.innerText.trim()))"


def _rows(page, heading: str) -> list[list[str]]:
    # Evidence keeps a second copy of each table for printing, and has no tbody.
    tables = page.locator("article .table-container table:visible").filter(has_text=heading)
    return tables.locator("tr:has(td)").evaluate_all(READ_CELLS)


def test_evaluation_figures(visit, warehouse) -> None:
    shown = visit("/evaluation/").page.locator("article .figure .number").all_inner_texts()
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


def test_confusion_matrix(visit, warehouse) -> None:
    table = visit("/evaluation/").page.locator("article .scroll table").first
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


def test_reliability_curve(visit, warehouse) -> None:
    page = visit("/evaluation/").page
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


def test_criteria_and_examples_of_a_portrait(visit, warehouse) -> None:
    code, clients = warehouse.sql(
        """
        select portrait_code, list(client_id order by example_number) from marts.mart_portrait_examples
        where example_code = 'typical' group by portrait_code order by count(*) desc, portrait_code limit 1
        """
    ).fetchone()
    page = visit(f"/portraits/{code}/").page
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


def test_hours_of_a_portrait_are_in_order(visit, warehouse) -> None:
    # The portrait with the fewest hours: missing hours must not shift the others.
    code, visits = warehouse.sql(
        """
        select portrait_code, sum(visits_count) from marts.mart_week_profile
        group by portrait_code order by count(*), portrait_code limit 1
        """
    ).fetchone()
    table = visit(f"/portraits/{code}/").page.locator("article .scroll table").filter(has_text="Пн")
    assert table.locator("thead th").all_inner_texts()[1:] == [str(hour) for hour in range(24)]
    notes = table.locator("td").evaluate_all("all => all.map((one) => one.title)")
    assert len(notes) == 7 * 24
    assert sum(int(note.rsplit(" ", 1)[1]) for note in notes) == visits


def test_reach_and_overlap_of_the_criteria(visit, warehouse) -> None:
    page = visit("/portraits/").page
    reach = page.locator("article .row-chart", has_text="Выполняют все критерии портрета")
    rows = warehouse.sql("select label_ru, clients_count from marts.mart_portrait_overlaps where is_self").fetchall()
    assert rows
    for label, count in rows:
        row = reach.locator(".row").filter(has=page.get_by_text(label, exact=True))
        assert row.locator(".value").inner_text() == _russian(count), label
    shared = warehouse.sql(
        "select label_ru, other_label_ru, both_count, clients_count from marts.mart_portrait_overlaps where not is_self"
    ).fetchall()
    notes = page.locator("article .scroll td[title]").evaluate_all("all => all.map((one) => one.title)")
    for label, other, both, count in shared:
        assert notes.count(f"{label} → {other}: {both} из {count}") == 1


def test_migration(visit, warehouse) -> None:
    page = visit("/portraits/").page
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
    cells = dict(
        page.locator("article .scroll td[title]").evaluate_all(
            "all => all.map((one) => [one.title, [one.innerText, Boolean(one.style.background)]])"
        )
    )
    for before, after, count, total in flows:
        text = _percent(count / total) if count / total >= 0.0005 else f"<0,1{NBSP}%"
        # Only moves are coloured; stays are hatched.
        assert cells[f"{before} → {after}: {count} из {total}"] == [text, before != after]
    shown = [row[:2] for row in _rows(page, "Кем стали")]
    largest = sorted((count for *_, count, _ in moves), reverse=True)[:10]
    assert [next(n for b, a, n, _ in moves if [b, a] == pair) for pair in shown] == largest


def test_findings_on_the_criteria(visit, warehouse) -> None:
    text = " ".join(visit("/portraits/").page.inner_text("article").split())
    advice = warehouse.sql("select advice_ru from marts.mart_portrait_checks where finding_code <> 'ok'").fetchall()
    for (sentence,) in advice:
        assert " ".join(sentence.split()) in text
    assert ("Каждый критерий кого-то отсекает" in text) == (not advice)


def test_sql_examples_run(visit, warehouse) -> None:
    examples = visit("/method/").page.locator("article figure pre").all_inner_texts()
    assert examples
    for example in examples:
        assert warehouse.sql(example).columns, example


def _half_up(number: float) -> str:
    # A value that rounds to zero has no sign.
    return " ".join(_russian(Decimal(str(number)).quantize(Decimal(1), ROUND_HALF_UP) + 0).split())


def _code(path: str) -> str:
    return path.strip("/").split("/")[1]


def _text(visit, path: str) -> str:
    return " ".join(visit(path).facts.text.split())


@pytest.mark.parametrize("path", every_path("features"))
def test_brief_of_a_feature(path: str, visit, warehouse) -> None:
    (brief,) = warehouse.execute(
        "select brief_ru from marts.mart_feature_briefs where feature_code = $1", [_code(path)]
    ).fetchone()
    shown = " ".join(" ".join(visit(path).facts.visible_texts).split())
    _, *paragraphs = (" ".join(block.replace("**", "").split()) for block in brief.split("\n\n") if block.strip())
    assert paragraphs[0] in _text(visit, path)
    assert [paragraph for paragraph in paragraphs if paragraph not in shown] == []


@pytest.mark.parametrize("path", every_path("features"))
def test_whom_to_offer_a_feature(path: str, visit, warehouse) -> None:
    points = warehouse.execute(
        """
        select targeted_share, profit_rub_per_month, profit_rub_per_month_low, profit_rub_per_month_high
        from marts.mart_targeting_curve
        where feature_code = $1 and policy_code = 'uplift' and (is_recommended or targeted_share = 1)
        """,
        [_code(path)],
    ).fetchall()
    text = _text(visit, path)
    has_reason = "выбирать отдельных клиентов" in text or "отдельные клиенты не выбираются" in text
    assert has_reason == (not points)
    for share, *estimate in points:
        profit, low, high = map(_half_up, estimate)
        sentence = f"{profit} ₽ в месяц (от {low} до {high} ₽;" if share else "Советовать почти некого"
        assert sentence in text, share


@pytest.mark.parametrize("path", every_path("features"))
def test_personal_offers_of_a_feature(path: str, visit, warehouse) -> None:
    offers = warehouse.execute(
        """
        select label_ru, clients_count from marts.mart_offers join marts.dim_portraits using (portrait_code)
        where feature_code = $1
        """,
        [_code(path)],
    ).fetchall()
    shown = {row[0]: row[1] for row in _rows(visit(path).page, "Предсказанная прибыль")}
    assert shown == {label: _russian(count) for label, count in offers}


@pytest.mark.parametrize("path", every_path("features"))
def test_visits_moved_between_stations(path: str, visit, warehouse) -> None:
    (moved,) = warehouse.execute(
        "select moved_visits_per_month from marts.mart_feature_metrics where feature_code = $1", [_code(path)]
    ).fetchone()
    text = _text(visit, path)
    if moved is None:
        assert "Переехали с других наших станций" not in text
    else:
        assert f"Переехали с других наших станций, визитов в месяц {_half_up(moved)} " in text


@pytest.mark.parametrize("path", every_path("features"))
def test_interest_halves(path: str, visit, warehouse) -> None:
    found = warehouse.execute(
        "select distinct half_life_weeks from marts.mart_interest_curves where feature_code = $1", [_code(path)]
    ).fetchone()
    text = _text(visit, path)
    if not found or found[0] is None:
        assert "интерес спадает вдвое за" not in text
    else:
        rounded = str(Decimal(str(found[0])).quantize(Decimal("0.1"), ROUND_HALF_UP)).replace(".", ",")
        assert f"интерес спадает вдвое за {rounded} нед." in text


def test_every_feature_and_portrait_has_its_page(warehouse) -> None:
    for section, kind in (("features", "feature"), ("portraits", "portrait")):
        pages = {_code(parameter.values[0]) for parameter in every_path(section)}
        known = {code for (code,) in warehouse.sql(f"select {kind}_code from marts.dim_{section}").fetchall()}
        assert pages == known != set()


def _signed_percent(share: float, digits: int = 0) -> str:
    rounded = Decimal(str(round(100 * share, 9))).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP) + 0
    sign = "+" if rounded > 0 else "\u2212" if rounded < 0 else ""
    return f"{sign}{abs(rounded)}{NBSP}%".replace(".", ",")


# Rows of a heatmap: the label and, per column, the text, whether it is hatched, and the background.
READ_HEATMAP = """(box) => {
    const columns = [...box.querySelectorAll('thead th')].slice(1).map((one) => one.textContent.trim());
    const rows = [...box.querySelectorAll('tbody tr')].map((row) => [
        row.querySelector('th').textContent.trim(),
        [...row.querySelectorAll('td')].map((one, index) => [
            columns[index], one.innerText.trim(), one.classList.contains('muted'), one.style.background
        ])
    ]);
    return { columns, rows };
}"""


def _heatmap(page) -> dict:
    return page.locator("article .scroll").first.evaluate(READ_HEATMAP)


def test_heatmap_of_the_features(open_page, warehouse) -> None:
    page = open_page("/features/")
    known = {
        (feature, portrait): estimates
        for feature, portrait, *estimates in warehouse.sql(
            """
            select
                features.label_ru, portraits.label_ru, cells.reaction_ratio,
                coalesce(cells.verdict_code not in ('works', 'harms'), true),
                cells.profit_rub_per_client_per_month,
                coalesce(cells.profit_rub_per_month_low <= 0 and cells.profit_rub_per_month_high >= 0, true)
            from marts.mart_feature_portrait_metrics as cells
            join marts.dim_features as features using (feature_code)
            join marts.dim_portraits as portraits using (portrait_code)
            join marts.mart_portrait_profiles as profiles using (portrait_code)
            where profiles.clients_count > 0 and cells.basis_code = 'experiment'
            """
        ).fetchall()
    }
    assert known

    def check(estimate: int, write) -> list[str]:
        shown = _heatmap(page)
        cells_of = {(row, name): cell for row, cells in shown["rows"] for name, *cell in cells}
        assert set(known) <= set(cells_of)
        for pair, estimates in known.items():
            text, is_hatched, background = cells_of[pair]
            value, is_uncertain = estimates[estimate], estimates[estimate + 1]
            assert text == ("—" if value is None else write(value)), pair
            assert is_hatched == is_uncertain, pair
            assert bool(background) == (value is not None and not is_uncertain), pair
        return [row for row, _ in shown["rows"]]

    rows = check(2, lambda value: NBSP.join(_half_up(value).split()))
    profits = dict(
        warehouse.sql(
            """
            select label_ru, profit_rub_per_month
            from marts.mart_feature_metrics join marts.dim_features using (feature_code)
            """
        ).fetchall()
    )
    assert rows == sorted(profits, key=profits.get, reverse=True)
    change(page, page.get_by_role("button", name="Реакция", exact=True).click)
    assert page.locator("article .scroll .corner").first.inner_text() == "Реакция"
    check(0, _signed_percent)


def test_portraits_of_the_heatmap_are_ordered_by_profit(visit, warehouse) -> None:
    order = warehouse.sql(
        """
        select label_ru
        from marts.mart_feature_portrait_metrics join marts.dim_portraits using (portrait_code)
        join marts.mart_portrait_profiles using (portrait_code)
        where clients_count > 0
        group by portrait_code, label_ru
        order by sum(profit_rub_per_client_per_month_shrunk) desc nulls last, label_ru
        """
    ).fetchall()
    assert _heatmap(visit("/features/").page)["columns"] == [label for (label,) in order]


def test_features_that_pay_off_are_named(visit, warehouse) -> None:
    text = " ".join(visit("/features/").page.locator("article .advice").inner_text().split())
    rows = warehouse.sql(
        """
        select label_ru, profit_rub_per_month, profit_rub_per_month_low > 0 as is_earning, profit_rub_per_month_high < 0
        from marts.mart_feature_metrics join marts.dim_features using (feature_code)
        where profit_rub_per_month is not null
        order by is_earning and verdict_code = 'works' desc, is_earning desc, profit_rub_per_month desc
        """
    ).fetchall()
    assert rows
    proven = "from marts.mart_feature_metrics where profit_rub_per_month_low > 0 and verdict_code = 'works'"
    assert ("работают и окупаются" in text) == bool(warehouse.sql(proven).fetchall())
    named = [f"«{label}» ({_half_up(profit)} ₽ в месяц)" for label, profit, *signs in rows if any(signs)]
    positions = [text.find(name) for name in named]
    assert -1 not in positions
    assert positions == sorted(positions)
    assert [label for label, _, *signs in rows if not any(signs) and f"«{label}»" in text] == []


@pytest.mark.parametrize("path", every_path("portraits"))
def test_what_to_offer_to_a_portrait(path: str, visit, warehouse) -> None:
    rows = warehouse.execute(
        """
        select
            label_ru, profit_rub_per_client_per_month,
            profit_rub_per_month_low / eligible_count, profit_rub_per_month_high / eligible_count, verdict_code
        from marts.mart_feature_portrait_metrics
        join marts.dim_features using (feature_code)
        join marts.mart_portrait_profiles using (portrait_code)
        where portrait_code = $1 and clients_count > 0 and profit_rub_per_month is not null and eligible_count > 0
        order by profit_rub_per_client_per_month desc
        """,
        [_code(path)],
    ).fetchall()
    text = _text(visit, path)
    earning = [row for row in rows if row[2] is not None and row[2] > 0]
    losing = [row for row in rows if row[3] is not None and row[3] < 0]
    assert ("нтервал выше нуля" in text or "нтервалы целиком выше нуля" in text) == bool(earning)
    unproven = [row for row in earning if row[4] != "works"]
    assert ("действие не доказано: сначала пилот" in text) == (0 < len(unproven) == len(earning))
    assert ("остальное сначала проверьте в пилоте" in text) == (0 < len(unproven) < len(earning))
    for label, *estimate, _ in (earning or rows)[: 3 if earning else 1]:
        profit, low, high = map(_half_up, estimate)
        interval = f" (от {low} до {high} ₽)" if None not in estimate else ""
        if not earning and len(losing) == len(rows):
            assert "Предлагать нечего" in text
        else:
            assert f"«{label}»: {profit} ₽ на клиента в месяц{interval}" in text


@pytest.mark.parametrize("path", every_path("portraits"))
def test_personal_offers_of_a_portrait(path: str, visit, warehouse) -> None:
    offers = warehouse.execute(
        """
        select label_ru, offers.clients_count, profiles.clients_count
        from marts.mart_offers as offers
        join marts.dim_features using (feature_code)
        join marts.mart_portrait_profiles as profiles using (portrait_code)
        where portrait_code = $1
        order by offers.clients_count desc, label_ru
        """,
        [_code(path)],
    ).fetchall()
    page = visit(path).page
    shown = [tuple(row[:2]) for row in _rows(page, "Предсказанная прибыль")]
    assert shown == [(label, _russian(count)) for label, count, _ in offers]
    if offers:
        total = sum(count for _, count, _ in offers)
        assert f"есть у {_half_up(total)} из {_half_up(offers[0][2])} " in _text(visit, path)


def test_some_portrait_has_personal_offers(warehouse) -> None:
    assert warehouse.sql("select portrait_code from marts.mart_offers").fetchall()
