from generator import blocks
from generator.config import run_of_model
from generator.visits.dirt import FILE
from ingest import own, synthetic


def model(dbt, session):
    """Stream the transactions of the own files; of a synthetic run the visits that arrive broken."""
    files = dbt.config.meta_get("files")
    run = run_of_model(dbt.config.meta_get("run"))
    if run.clients:
        return synthetic.transactions(blocks.broken_visits(run), FILE)
    return own.transactions(files["source"], files["mappings"])
