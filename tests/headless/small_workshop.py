"""Small notebooks, and a run over them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from chaos_lib.headless import Plan, RunReport, play
from chaos_lib.headless.events import RunEvent
from chaos_lib.settings import Settings

KERNELSPEC = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}

code = new_code_cell
text = new_markdown_cell


def parameters(source: str = "seed = 20") -> Any:
    return new_code_cell(source, metadata={"tags": ["parameters"]})


def graded(source: str, grade_id: str, points: float = 1) -> Any:
    grading = {"grade": True, "grade_id": grade_id, "points": points, "solution": False, "locked": True}
    return new_code_cell(source, metadata={"nbgrader": {**grading, "schema_version": 3}})


class Workshop:
    """A folder with notebooks, as a repository has them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.settings = Settings(repository=root, home=root / "not-the-run's-home", cache=root / "cache")
        self.out = root / "out"
        self.events: list[RunEvent] = []

    def path(self, phase: str) -> Path:
        return self.root / "notebooks" / phase / f"{phase}.ipynb"

    def add(self, phase: str, cells: Sequence[Any], *, has_parameters: bool = True, **metadata: Any) -> Path:
        path = self.path(phase)
        path.parent.mkdir(parents=True, exist_ok=True)
        notebook = new_notebook(
            cells=[*([parameters()] if has_parameters else []), *cells],
            metadata={"kernelspec": KERNELSPEC, **metadata},
        )
        nbformat.write(notebook, path)
        return path

    def plan(self, **options: Any) -> Plan:
        return Plan.discover(self.settings, out=self.out, **options)

    def play(self, **options: Any) -> RunReport:
        self.events.clear()
        return play(self.plan(**options), on_event=self.events.append)

    def executed(self, phase: str) -> Any:
        return nbformat.read(self.out / "notebooks" / f"{phase}.ipynb", as_version=4)

    def printed(self, phase: str) -> str:
        return "".join(
            output.text
            for cell in self.executed(phase).cells
            for output in cell.get("outputs", ())
            if output.output_type == "stream"
        )
