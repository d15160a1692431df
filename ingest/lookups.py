"""Look-up files: what an own code stands for, as products.csv says what a product number is."""

from ingest.errors import IngestError
from ingest.files import read_header
from ingest.plan import Source
from ingest.readers import clean, read_blocks


def read_lookup(source: Source, file: str, key: str, value: str) -> dict[str, str]:
    """Read what a file says of each own code.

    Parameters
    ----------
    source : Source
        In whose folder the file lies.
    file : str
        Its name.
    key, value : str
        Its columns with the own code and with what stands for it.

    Returns
    -------
    dict
        Own code → what stands for it.

    Raises
    ------
    IngestError
        When the file or a column is missing, or a code stands for two things.
    """
    path = source.folder / file
    if not path.is_file():
        raise IngestError(f"{path}: there is no such file, which {source.mapping.path} names as a look-up.")
    header = read_header(path)
    absent = [name for name in (key, value) if name not in header.names]
    if absent:
        raise IngestError(
            f"{path}: there is no column {', '.join(map(repr, absent))}, which {source.mapping.path} names.",
            f"Columns found: {', '.join(header.names)}.",
        )
    found: dict[str, str] = {}
    for block in read_blocks(header):
        keys, values = (clean(block.rows.column(name)).to_pylist() for name in (key, value))
        for code, text in zip(keys, values, strict=True):
            if code is None or text is None:
                continue
            if found.setdefault(code, text) != text:
                raise IngestError(
                    f"{path}: {key} = {code!r} stands for {found[code]!r} and for {text!r}.",
                    "Leave one of the two rows.",
                )
    return found
