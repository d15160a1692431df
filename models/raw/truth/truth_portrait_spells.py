from generator import blocks
from generator.config import run_of_model


def model(dbt, session):
    """Stream the spells of the synthetic clients in their portraits."""
    return blocks.portrait_spells(run_of_model(dbt.config.meta_get("run")))
