from generator import blocks
from generator.config import run_of_model


def model(dbt, session):
    """Stream the future of each synthetic client without any feature."""
    return blocks.client_futures(run_of_model(dbt.config.meta_get("run")))
