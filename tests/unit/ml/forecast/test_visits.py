"""The parts of the visit forecast against results by hand, by scipy, by simulation and from the papers."""

import numpy as np
import pyarrow as pa
import pytest
from scipy import integrate, special, stats

from lab.forecast.worlds import START, World, simulate
from ml.forecast import renewal
from ml.forecast.counts import count_interval
from ml.forecast.posterior import SHAPES, first_guess, infer, learn
from ml.forecast.visits import DAY, SHORTEST_GAP, Statistics, count_between, read_visits, summarise


def visits_of(days: dict[int, list[float]], until: float = 100.0):
    clients = [client for client, each in days.items() for _ in each]
    times = np.array([START + round(day * DAY) for each in days.values() for day in each], dtype=np.int64)
    table = pa.table({"client_id": clients, "occurred_at": pa.array(times.view("datetime64[us]"))})
    return read_visits(table, int(START + until * DAY))


# ---- statistics ------------------------------------------------------------------------------------------------------


def test_gaps_equal_a_count_by_hand():
    found = summarise(visits_of({7: [90.25], 3: [4.5, 2.5, 10.5, 10.5]}))
    assert found.gaps.tolist() == [2, 0]
    assert found.gap_sum.tolist() == [8, 0]
    assert found.log_gap_sum == pytest.approx([np.log(2) + np.log(6), 0])
    assert found.span.tolist() == [8, 0]
    assert found.silence.tolist() == [89.5, 9.75]


def test_old_gaps_count_half_per_half_life_before_the_last_visit():
    found = summarise(visits_of({1: [0.5, 10.5, 14.5]}), half_life=4)
    assert found.gaps[0] == pytest.approx(1 + 1 / 2)
    assert found.gap_sum[0] == pytest.approx(4 + 10 / 2)


def test_two_receipts_of_one_stop_do_not_look_random():
    days = [7.0 * i + 0.5 for i in range(10)]
    found = summarise(visits_of({1: [*days, days[-1] + 0.001]}))
    mean = found.gap_sum[0] / 10
    assert found.log_gap_sum[0] == pytest.approx(9 * np.log(7) + np.log(SHORTEST_GAP * mean))


def test_dates_are_spread_over_the_day():
    found = visits_of({1: [3.0, 3.0, 5.0], 2: [3.0]})
    assert ((found.time - START) / DAY).tolist() == pytest.approx([3.25, 3.75, 5.5, 3.5])


def test_visits_before_a_moment():
    found = visits_of({1: [1.5, 50.5], 2: [60.5], 3: [2.5]})
    past = found.before(int(START + 50 * DAY))
    assert past.client_ids.to_pylist() == [1, 3]
    assert summarise(past).silence.tolist() == [48.5, 47.5]
    assert count_between(found, past.until, found.until).tolist() == [1, 1, 0]


# ---- renewal ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", SHAPES)
def test_survival_equals_scipy(shape):
    value = np.concatenate([[0, 1e-9], np.geomspace(1e-4, 400, 3000)])
    np.testing.assert_allclose(renewal.survival(shape, value), special.gammaincc(shape, value), rtol=1e-4, atol=1e-250)


def test_poisson_client_has_one_visit_per_mean_gap_after_any_silence():
    horizon, silence = np.meshgrid([0.1, 0.9, 3.3, 20.0], [0.0, 0.7, 2.9, 50.0])
    np.testing.assert_allclose(renewal.expected_count(1.0, horizon, silence), horizon, atol=1e-3)


@pytest.mark.statistical
@pytest.mark.parametrize(
    ("shape", "silence", "horizon"), [(25, 0.9, 1.3), (4, 0.5, 0.7), (0.5, 1, 2), (8, 1.5, 4), (2, 0, 12)]
)
def test_expected_count_equals_a_simulation(shape, silence, horizon):
    gaps = np.random.default_rng(1).gamma(shape, 1 / shape, (100_000, 40))
    gaps = gaps[gaps[:, 0] > silence]
    gaps[:, 0] -= silence
    counts = (gaps.cumsum(axis=1) <= horizon).sum(axis=1)
    found = renewal.expected_count(shape, np.array([float(horizon)]), np.array([float(silence)]))[0]
    assert found == pytest.approx(counts.mean(), abs=0.01 + 4 * counts.std() / np.sqrt(len(counts)))


# ---- posterior -------------------------------------------------------------------------------------------------------


def test_evidence_is_the_integral_over_the_rate():
    """One client, one shape, one hazard: the quadrature against scipy, and the probability of being active by Bayes."""
    gaps = np.array([5.0, 9.0, 6.0])
    statistics = Statistics(*(np.array([value]) for value in (3.0, 20.0, np.log(gaps).sum(), 20.0, 12.0)))
    population = first_guess(statistics, 100.0)
    shape, hazard = 4.0, population.hazard[2]
    weight = np.zeros_like(population.weight)
    weight[list(SHAPES).index(shape), 2] = 1.0
    r, scale = population.rate_shape[0], population.rate_scale[0]

    def alive(rate: float) -> float:
        prior = stats.gamma.pdf(rate, r, scale=1 / scale)
        observed = stats.gamma.pdf(gaps, shape, scale=1 / (shape * rate)).prod() * np.exp(-hazard * 20)
        return prior * observed * special.gammaincc(shape, shape * rate * 12) * np.exp(-hazard * 12)

    def gone(rate: float) -> float:
        def at(day: float) -> float:
            return hazard * np.exp(-hazard * day) * special.gammaincc(shape, shape * rate * day)

        prior = stats.gamma.pdf(rate, r, scale=1 / scale)
        observed = stats.gamma.pdf(gaps, shape, scale=1 / (shape * rate)).prod() * np.exp(-hazard * 20)
        return prior * observed * integrate.quad(at, 0, 12)[0]

    stays, leaves = (integrate.quad(part, 0, 2, limit=200)[0] for part in (alive, gone))
    cells = infer(statistics, type(population)(weight, population.hazard, population.rate_shape, population.rate_scale))
    assert (cells.weight * cells.stays).sum() == pytest.approx(stays / (stays + leaves), abs=2e-3)


@pytest.mark.statistical
def test_shapes_hazard_and_rates_of_a_world_are_recovered():
    world = World(gap_days=8.0, gap_log_sd=0.5, shapes=(1.0, 10.0), leaving_per_year=0.5)
    visits, _ = simulate(world, 2000, 365, np.random.default_rng(4))
    statistics = summarise(read_visits(visits, int(START + 365 * DAY)))
    population = learn(statistics, 365.0)
    by_shape = population.weight.sum(axis=1)
    near = [(SHAPES > 0.8) & (SHAPES < 1.3), (SHAPES > 5) & (SHAPES < 20)]
    assert [by_shape[each].sum() for each in near] == pytest.approx([0.5, 0.5], abs=0.08)
    still = (population.weight.sum(axis=0) * np.exp(-population.hazard * 91)).sum()
    assert still == pytest.approx(0.5 ** (91 / 365), abs=0.03)
    mean = (by_shape * population.rate_shape / population.rate_scale).sum()
    assert mean == pytest.approx(np.exp(0.5**2 / 2) / 8, rel=0.1)


# ---- intervals -------------------------------------------------------------------------------------------------------


def test_intervals_of_known_distributions():
    mean = np.array([0.3, 4.0, 4.0, 30.0, 4.0, 4.0])
    variance = np.array([0.3, 4.0, 12.0, 3.0, 4.0, 4.0])
    alive = np.array([1, 1, 1, 1, 0.9, 0.02])
    low, high = count_interval(alive, np.zeros(6), mean, variance)
    assert low.tolist()[:2] == stats.poisson.ppf(0.025, mean[:2]).tolist()
    assert high.tolist()[:2] == stats.poisson.ppf(0.975, mean[:2]).tolist()
    # Mean 4, variance 12: negative binomial of size 2, probability 1/3.
    assert [low[2], high[2]] == stats.nbinom.ppf([0.025, 0.975], 2, 1 / 3).tolist()
    assert low[3] == pytest.approx(30 - 1.96 * np.sqrt(3), abs=1)
    assert high[3] == pytest.approx(30 + 1.96 * np.sqrt(3), abs=1)
    assert low[4] == 0 and high[4] == stats.poisson.ppf(0.975 - 0.025 / 9, 4)
    assert low[5] == high[5] == 0


def test_leaving_within_the_horizon_lowers_the_low_end():
    one = np.ones(1)
    stays, leaves = (count_interval(one, share * one, 20 * one, 4 * one)[0][0] for share in (0.0, 0.2))
    assert leaves < 5 < stays
