"""How long from the command to the first cell: `opchaos run` a second time, against starting a bare kernel.

The lab is warmed up first, so this is the second run on a machine. The plain tool is papermill playing a notebook of one empty
cell with the same kernel.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

import nbformat

from benchmarks.report import Figure, at_most, informs, publish, timed_s
from chaos_lib.command import Command

_REPOSITORY = Path(__file__).resolve().parent.parent
_BIN = Path(sys.executable).parent
_TIMEOUT_S = 900.0


def _environment(folder: Path) -> dict[str, str]:
    return dict(os.environ) | {"OPCHAOS_HOME": str(folder / "mission")}


def play_phase_0(folder: Path) -> float:
    """Play phase 0 and return the seconds from the command to its first cell."""
    out = folder / "out"
    Command(
        [str(_BIN / "opchaos"), "run", "--only", "0", "--out", str(out)],
        cwd=_REPOSITORY,
        env=_environment(folder),
    ).run(timeout_s=_TIMEOUT_S).check()
    board = json.loads((out / "scoreboard.json").read_text(encoding="utf-8"))
    # The runner counts from its own process start: the command's own start-up is in it.
    return float(board["first_cell_after_s"])


def play_bare(folder: Path) -> float:
    """Play a notebook of one empty cell with papermill alone and return the seconds of the whole command."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("pass")],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    source = folder / "bare.ipynb"
    nbformat.write(notebook, source)
    argv = [str(_BIN / "papermill"), str(source), str(folder / "bare-out.ipynb")]
    return timed_s(lambda: Command(argv).run(timeout_s=_TIMEOUT_S).check())


def measure() -> list[Figure]:
    """Run everything once."""
    with tempfile.TemporaryDirectory(prefix="opchaos-bench-") as name:
        folder = Path(name)
        try:
            play_phase_0(folder)
            second_s = play_phase_0(folder)
            bare_s = play_bare(folder)
        finally:
            # A run leaves the lab up for the next one; here there is none.
            Command([str(_BIN / "opchaos"), "down"], env=_environment(folder)).run(timeout_s=_TIMEOUT_S)
    return [
        at_most("second run: from the command to the first cell", second_s, 10.0, "s"),
        informs("papermill alone with an empty notebook", bare_s, "s"),
        informs("ratio of the two", second_s / bare_s, "ratio"),
    ]


if __name__ == "__main__":
    publish("Start-up of a headless run", measure())
