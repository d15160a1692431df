from ingest import own


def model(dbt, session):
    """Stream the stations of the own files."""
    files = dbt.config.meta_get("files")
    return own.stations(files["source"], files["mappings"])
