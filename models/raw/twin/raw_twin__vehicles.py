from generator import blocks
from generator.config import run_of_model


def model(dbt, session):
    """Stream the vehicles of the synthetic network."""
    return blocks.vehicles(run_of_model(dbt.config.meta_get("run")))
