from generator import blocks
from generator.config import run_of_model


def model(dbt, session):
    """Stream the true portraits of the synthetic clients."""
    return blocks.client_portraits(run_of_model(dbt.config.meta_get("run")))
