"""What ``behavior_rules.json`` speaks of: the effects of a feature, their limits, and the traits of clients."""

LIMITS = {
    "response_prob": (0.0, 1.0),
    "visits_change": (-0.9, 3.0),
    "volume_per_visit_change": (-0.9, 3.0),
    "shop_change": (-0.9, 3.0),
}
"""Effects, and where draws of them are cut: a probability stays one, and a change cannot take more than there is."""

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
"""Client metrics that a modifier may name: those that the generator knows of its clients too."""
