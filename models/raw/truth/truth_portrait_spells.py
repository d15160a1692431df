from generator import blocks
from generator.config import run_of_model


def model(dbt, session):
    """Stream the portrait spells of the synthetic clients."""
    return blocks.portrait_spells(run_of_model(dbt.config.meta_get("run")))
