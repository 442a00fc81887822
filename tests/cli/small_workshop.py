"""A folder with small notebooks, as a repository has them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from chaos_lib.settings import Settings

KERNELSPEC = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}

code = new_code_cell


def graded(source: str, grade_id: str, points: float) -> Any:
    grading = {"grade": True, "grade_id": grade_id, "points": points, "solution": False, "locked": True}
    return new_code_cell(source, metadata={"nbgrader": {**grading, "schema_version": 3}})


class Workshop:
    """A repository with the real sample project and notebooks of its own.

    Attributes:
        root: Its folder.
        out: Where runs write by default.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.out = root / "out"
        root.mkdir()
        (root / "sample_app").symlink_to(Settings().sample_app)

    def add(self, phase: str, cells: Sequence[Any]) -> Path:
        """Write a notebook; the cell with its parameters comes first."""
        path = self.root / "notebooks" / phase / f"{phase}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        parameters = new_code_cell("seed = 20", metadata={"tags": ["parameters"]})
        notebook = new_notebook(cells=[parameters, *cells], metadata={"kernelspec": KERNELSPEC})
        nbformat.write(notebook, path)
        return path

    def mission(self, name: str = "mission") -> Settings:
        """Return the settings of a run's own mission."""
        return Settings(repository=self.root, home=self.out / name)
