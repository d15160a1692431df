from generator import blocks
from generator.config import run_of_model


def model(dbt, session):
    """List single fills of the first synthetic clients."""
    return blocks.vehicle_fills(run_of_model(dbt.config.meta_get("run")))
