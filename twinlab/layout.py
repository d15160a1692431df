"""Where things lie: the only module that knows the project's folders."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Layout:
    """Paths of one checkout and of the warehouse it publishes.

    Parameters
    ----------
    root : Path
        The checkout.
    published : Path
        The DuckDB file that people open.
    reference : Path
        Folder of the JSON files that people edit.
    """

    root: Path
    published: Path
    reference: Path

    @classmethod
    def here(cls, environ: Mapping[str, str] = os.environ) -> "Layout":
        """Return the layout of the checkout that this module lies in.

        Parameters
        ----------
        environ : mapping, optional
            ``TWINLAB_DUCKDB`` in it names another warehouse file, ``TWINLAB_REFERENCE`` another folder of JSON files.

        Returns
        -------
        Layout
        """
        root = Path(__file__).resolve().parent.parent
        published = environ.get("TWINLAB_DUCKDB") or root / "data" / "twinlab.duckdb"
        reference = environ.get("TWINLAB_REFERENCE") or root / "data" / "reference"
        return cls(root, Path(published).absolute(), Path(reference).absolute())

    @property
    def build(self) -> Path:
        """Folder of unfinished work. Beside the published file, so that the swap is one rename on one file system."""
        return self.published.parent / ".build"

    @property
    def side(self) -> Path:
        """The warehouse being built. The same name: DuckDB calls the database by it, and views keep that name."""
        return self.build / self.published.name

    @property
    def data(self) -> Path:
        """Folder of the exports."""
        return self.root / "data"

    @property
    def schemas(self) -> Path:
        """Folder of the JSON Schemas: what is allowed in the files of `reference`."""
        return self.root / "data" / "reference" / "schemas"

    @property
    def dbt_project(self) -> Path:
        """Folder of dbt_project.yml and profiles.yml."""
        return self.root / "dbt_project"

    @property
    def reports(self) -> Path:
        """Folder of the Evidence project."""
        return self.root / "reports"

    @property
    def site(self) -> Path:
        """The built site."""
        return self.reports / "build"

    def shown(self, path: Path) -> str:
        """Return a path as people read it: from the checkout when it lies there.

        Parameters
        ----------
        path : Path
            An absolute path.

        Returns
        -------
        str
        """
        return str(path.relative_to(self.root)) if path.is_relative_to(self.root) else str(path)
