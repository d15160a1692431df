"""What an evaluation builds, and what it grades in each run."""

from lab.plan import MORE_SEEDS, SEEDS, SEPARATIONS, plan
from tests.unit.lab.rows import setting


def test_portraits_are_graded_at_each_seed_and_separation_and_what_is_slow_at_the_first():
    settings = plan(separation=1.0)
    runs = {(each.parameters.clients, each.parameters.seed, each.separation): each.grades for each in settings}
    assert len(runs) == len(settings) == len(SEEDS) * (1 + len(SEPARATIONS)) + 2 + len(MORE_SEEDS) - len(SEEDS)
    assert {seed for (_, seed, _), grades in runs.items() if "targeting" in grades} == set(MORE_SEEDS)
    assert runs[100_000, MORE_SEEDS[-1], 1.0] == ("targeting",)
    assert {run for run, grades in runs.items() if "settings" in grades} == {(30_000, 1, 0.5), (30_000, 1, 1.0)}
    for seed in SEEDS:
        assert runs[2_000, seed, 1.0] == (("twin_quality", "trials") if seed == SEEDS[0] else ("twin_quality",))
        for separation in SEPARATIONS:
            grades = runs[100_000, seed, separation]
            assert "portraits" in grades
            assert ("twin_quality" in grades) == (separation == 1.0)
            assert ("ceiling" in grades) == (separation == 1.0 or seed == SEEDS[0])
            assert ("stability" in grades) == (seed == SEEDS[0])


def test_a_full_evaluation_adds_a_million_clients():
    more = set(plan(separation=1.0, is_full=True)) - set(plan(separation=1.0))
    assert more == {setting(1_000_000, SEEDS[0], 1.0, ("twin_quality",))}


def test_a_small_evaluation_has_one_size_and_one_seed():
    settings = plan(500, 9, separation=0.9)
    assert {(each.parameters.clients, each.parameters.seed) for each in settings} == {(500, 9)}
    assert settings[0] == setting(
        500, 9, 0.9, ("twin_quality", "portraits", "ceiling", "stability", "targeting", "settings")
    )
    assert [each.separation for each in settings[1:]] == list(SEPARATIONS)
    assert settings[1].grades == ("portraits", "ceiling", "stability", "settings")
    assert {each.grades for each in settings[2:]} == {("portraits", "ceiling", "stability")}
