"""Vocabulary of ``behavior_rules.json``: the effects of a feature, their limits, and client traits."""

LIMITS = {
    "response_prob": (0.0, 1.0),
    "visits_change": (-0.9, 3.0),
    "volume_per_visit_change": (-0.9, 3.0),
    "shop_change": (-0.9, 3.0),
}
"""Effects, and the limits to which their draws are clipped: probabilities stay in 0–1 and changes above −1."""

EFFECTS = tuple(LIMITS)

TRAITS = (
    "has_loyalty_card",
    "has_fuel_card",
    "has_contract",
    "is_corporate",
    "main_payment_method",
    "main_fuel_grade",
    "vehicles_count",
    "tank_volume_l",
    "tenure_days",
)
"""Client metrics that a modifier may refer to: those that the generator also knows about its clients."""
