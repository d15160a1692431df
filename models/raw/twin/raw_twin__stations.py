from generator import blocks
from generator.config import run_of_model


def model(dbt, session):
    """Stream the stations of the synthetic network."""
    return blocks.stations(run_of_model(dbt.config.meta_get("run")))
