from ingest import own


def model(dbt, session):
    """Stream the clients of the own files."""
    files = dbt.config.meta_get("files")
    return own.clients(files["source"], files["mappings"])
