from lab.portraits.moves import grade_moves


def model(dbt, session):
    """Grade moves between portraits against the truth; no rows for own data."""
    followed = dbt.ref("client_portraits_by_month")
    spells = dbt.ref("truth_portrait_spells")
    return grade_moves(followed.to_arrow_table(), spells.to_arrow_table())
