from ingest import own


def model(dbt, session):
    """Stream the transactions of the own files."""
    files = dbt.config.meta_get("files")
    return own.transactions(files["source"], files["mappings"])
