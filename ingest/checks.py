"""Quick check of a source before anything is built."""

import codecs
from pathlib import Path

from ingest.files import Header, not_utf8
from ingest.lookups import read_lookup
from ingest.plan import open_source
from vocabulary.codes import SYNTHETIC

CHUNK_BYTES = 1 << 22


def check_source(source: str | Path, mapping_folder: str | Path | None = None) -> dict[str, str]:
    """Implement `ingest.check`."""
    if str(source) == SYNTHETIC:
        return {}
    opened = open_source(source, mapping_folder)
    for header in opened.headers.values():
        check_encoding(header)
    for columns in opened.columns.values():
        for spec in columns.values():
            if isinstance(spec, dict) and "lookup" in spec:
                read_lookup(opened, **spec["lookup"])
    return {table: str(header.path) for table, header in opened.headers.items()}


def check_encoding(header: Header) -> None:
    """Read a whole csv file and raise at the first byte that is not UTF-8; parquet always passes.

    Raises
    ------
    IngestError
        Names the line and the byte.
    """
    if header.delimiter is None:
        return
    decoder = codecs.getincrementaldecoder("utf-8")()
    line = 1
    with header.path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            pending = decoder.getstate()[0]
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                at = max(error.start - len(pending), 0)
                raise not_utf8(header.path, line + chunk[:at].count(b"\n"), error.object[error.start]) from error
            line += chunk.count(b"\n")
