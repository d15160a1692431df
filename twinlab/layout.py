"""Paths of the project: the only module that knows its folders."""

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
        Folder of the checkout.
    published : Path
        The published DuckDB file.
    reference : Path
        Folder of the JSON files that people edit.
    """

    root: Path
    published: Path
    reference: Path

    @classmethod
    def here(cls, environ: Mapping[str, str] = os.environ) -> "Layout":
        """Return the layout of the checkout that contains this module.

        Parameters
        ----------
        environ : mapping, optional
            ``TWINLAB_DUCKDB`` overrides the warehouse file, ``TWINLAB_REFERENCE`` the folder of JSON files.
        """
        root = Path(__file__).resolve().parent.parent
        published = environ.get("TWINLAB_DUCKDB") or root / "data" / "twinlab.duckdb"
        reference = environ.get("TWINLAB_REFERENCE") or root / "data" / "reference"
        return cls(root, Path(published).absolute(), Path(reference).absolute())

    @property
    def build(self) -> Path:
        """Folder of unfinished work, next to the published file: publishing is a rename within one file system."""
        return self.published.parent / ".build"

    @property
    def side(self) -> Path:
        """The warehouse being built, under the published file's name: it is the database name, which views store."""
        return self.build / self.published.name

    @property
    def data(self) -> Path:
        """Folder of the exports."""
        return self.root / "data"

    @property
    def schemas(self) -> Path:
        """Folder of the JSON Schemas of the files in `reference`."""
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
        """Return an absolute path for display: relative to the checkout if it is inside."""
        return str(path.relative_to(self.root)) if path.is_relative_to(self.root) else str(path)
