"""Look-up files, which translate the codes of a source: for example products.csv, product number to name."""

from ingest.errors import IngestError
from ingest.files import list_files, read_header
from ingest.plan import Source
from ingest.readers import clean, read_blocks


def read_lookup(source: Source, file: str, key: str, value: str) -> dict[str, str]:
    """Read a look-up file.

    Parameters
    ----------
    source : Source
        Source whose folder holds the file.
    file : str
        File name.
    key, value : str
        Columns with the code and its translation.

    Returns
    -------
    dict
        Code → translation; rows where either is null are skipped.

    Raises
    ------
    IngestError
        If the file or a column is missing, or a code has two translations.
    """
    path = source.folder / file
    if not path.is_file():
        raise IngestError(
            f"{path}: there is no such file, which {source.mapping.path} names as a look-up.",
            f"Files found: {list_files(source.folder)}.",
            "Put the file there, or correct the name in the mapping.",
        )
    header = read_header(path)
    absent = [name for name in (key, value) if name not in header.names]
    if absent:
        raise IngestError(
            f"{path}: there is no column {', '.join(map(repr, absent))}, which {source.mapping.path} names.",
            f"Columns found: {', '.join(header.names)}.",
            "Correct the name in the mapping; names are case-sensitive.",
        )
    found: dict[str, str] = {}
    for block in read_blocks(header):
        keys, values = (clean(block.rows.column(name)).to_pylist() for name in (key, value))
        for code, text in zip(keys, values, strict=True):
            if code is None or text is None:
                continue
            if found.setdefault(code, text) != text:
                raise IngestError(
                    f"{path}: {key} = {code!r} has two translations: {found[code]!r} and {text!r}.",
                    "Allowed: one translation per code. Remove one of the two rows.",
                )
    return found
