from generator import blocks
from generator.config import run_of_model


def model(dbt, session):
    """Stream the fuel balances of the synthetic vehicles."""
    return blocks.vehicle_fuel(run_of_model(dbt.config.meta_get("run")))
