"""A course of its own: nbgrader's real command line, with our configuration, in a folder of the test's."""

from __future__ import annotations

import csv
import json
import os
import shutil
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import psutil
from nbformat.v4 import new_notebook

from chaos_lib.command import Command, CommandResult
from chaos_lib.settings import Settings, Tier

from . import source

NBGRADER = Path(sys.executable).with_name("nbgrader")
MARK = "OPCHAOS_TEST_COURSE"
KERNELSPEC = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
_TIMEOUT_S = 800.0


@dataclass(frozen=True)
class Score:
    """What the gradebook says of one submission."""

    points: float
    possible: float


class Course:
    """A course in a folder; nothing of the user's configuration is read or written."""

    def __init__(self, root: Path) -> None:
        self.root = root / "course"
        self.temporary = root / "tmp"
        self._home = root / "home"
        self._mark = uuid.uuid4().hex
        for folder in (self.root, self.temporary, self._home):
            folder.mkdir()
        # A kernel `python3` of the user's that would fail at once: ours must win.
        decoy = self._home / "jupyter-data/kernels/python3/kernel.json"
        decoy.parent.mkdir(parents=True)
        decoy.write_text(json.dumps({"argv": ["false"], "display_name": "decoy", "language": "python"}))
        shutil.copy(source.ROOT / "nbgrader_config.py", self.root)
        shutil.copytree(
            source.ROOT / "notebooks",
            self.root / "notebooks",
            ignore=shutil.ignore_patterns(".ipynb_checkpoints", "mission"),
        )

    def environment(self, tier: Tier = Tier.EMBEDDED) -> dict[str, str]:
        """Return the grader's environment: someone who did not activate the virtual environment."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("OPCHAOS_")}
        for name in ("JUPYTER_PREFER_ENV_PATH", "JUPYTER_PATH", "VIRTUAL_ENV", "PYTHONWARNINGS"):
            inherited.pop(name, None)
        own = {
            "HOME": str(self._home),
            "TMPDIR": str(self.temporary),
            "JUPYTER_CONFIG_DIR": str(self._home / "jupyter-config"),
            "JUPYTER_DATA_DIR": str(self._home / "jupyter-data"),
            "JUPYTER_RUNTIME_DIR": str(self._home / "jupyter-runtime"),
            "IPYTHONDIR": str(self._home / "ipython"),
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "OPCHAOS_CACHE": str(Settings().cache),
            "OPCHAOS_TIER": tier.value,
            MARK: self._mark,
        }
        return inherited | own

    def command(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Command:
        argv = [str(NBGRADER), *arguments]
        return Command(argv, cwd=self.root, env=dict(environment or self.environment()))

    def run(self, *arguments: str, environment: Mapping[str, str] | None = None) -> CommandResult:
        return self.command(*arguments, environment=environment).run(timeout_s=_TIMEOUT_S)

    def must(self, *arguments: str, environment: Mapping[str, str] | None = None) -> CommandResult:
        result = self.run(*arguments, environment=environment)
        assert result.is_success, result.output
        return result

    def add_assignment(self, name: str, cells: list[Any]) -> None:
        path = source.path_of(name, self.root / "notebooks")
        path.parent.mkdir()
        nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": KERNELSPEC}), path)

    def source(self, assignment: str) -> Path:
        return source.path_of(assignment, self.root / "notebooks")

    def release(self, assignment: str) -> Path:
        return source.path_of(assignment, self.root / "release")

    def autograded(self, student: str, assignment: str) -> Path:
        return source.path_of(assignment, self.root / "autograded" / student)

    def submit(self, student: str, assignment: str, notebook: Path) -> Path:
        path = source.path_of(assignment, self.root / "submitted" / student)
        path.parent.mkdir(parents=True)
        return Path(shutil.copy(notebook, path))

    def scores(self, assignment: str) -> dict[str, Score]:
        """Return what the gradebook says, by student."""
        self.must("export", "--to", "grades.csv")
        with (self.root / "grades.csv").open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["assignment"] == assignment]
        return {row["student_id"]: Score(float(row["score"]), float(row["max_score"])) for row in rows}

    def left_behind(self) -> list[str]:
        """Return the missions and the processes that grading has left."""
        found = [str(path) for path in self.temporary.glob("opchaos-grading-*")]
        for process in psutil.process_iter():
            try:
                if process.environ().get(MARK) == self._mark:
                    found.append(f"process {process.pid} {process.name()}")
            except (psutil.Error, OSError):
                continue
        return found


def errors(notebook: Path) -> list[str]:
    """Return what made cells fail: their error and stderr outputs, as evidence."""
    found = []
    for cell in source.code_cells(source.read(notebook)):
        for output in cell.outputs:
            if output.output_type == "error":
                found.append(f"{cell.source.splitlines()[0]}: {output.ename}: {output.evalue}")
            elif output.output_type == "stream" and output.name == "stderr":
                found.append(f"{cell.source.splitlines()[0]}: stderr: {output.text}")
    return found
