from generator import blocks
from generator.config import run_of_model


def model(dbt, session):
    """Stream what each synthetic client does after the history if nothing is launched."""
    return blocks.client_futures(run_of_model(dbt.config.meta_get("run")))
