"""Worlds of repeated trials: which features have no effect there."""

from lab.trials.repeat import WORLDS, null_features
from lab.trials.replays import CHANGES, without_effects
from vocabulary.rules import EFFECTS


def test_every_second_feature_of_the_mixed_world_has_no_effect():
    features = dict.fromkeys("dbca")
    assert {world: null_features(world, features) for world in WORLDS} == {
        "rules": [],
        "mixed": ["a", "c"],
        "none": ["a", "b", "c", "d"],
    }


def test_without_its_effect_a_feature_is_responded_to_all_the_same():
    names = [f"{name}_{part}" for name in EFFECTS for part in ("mean", "sd")]
    rules = [{"feature_code": code} | dict.fromkeys(names, 0.3) for code in "ab"]
    changed, kept = without_effects(rules, ["a"])
    assert kept == rules[1]
    assert {name: value for name, value in changed.items() if value == 0} == {
        f"{name}_{part}": 0.0 for name in CHANGES for part in ("mean", "sd")
    }
    assert changed["response_prob_mean"] == changed["response_prob_sd"] == 0.3
    assert set(CHANGES) == {"visits_change", "volume_per_visit_change", "shop_change"}
