from generator.config import parameters_table, run_of_model


def model(dbt, session):
    """List the parameters of the synthetic network with their sources."""
    meta = dbt.config.meta_get("run")
    table = parameters_table(meta["reference"])
    return table if run_of_model(meta).clients else table.slice(0, 0)
