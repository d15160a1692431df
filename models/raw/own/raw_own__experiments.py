from ingest import own


def model(dbt, session):
    """Stream the participants of the pilots in the own files."""
    files = dbt.config.meta_get("files")
    return own.experiments(files["source"], files["mappings"])
