from generator import blocks
from generator.config import run_of_model


def model(dbt, session):
    """Stream the fuel prices of the synthetic network."""
    return blocks.fuel_prices(run_of_model(dbt.config.meta_get("run")))
