"""The participant's own notebooks: the source without its solutions, in the mission folder."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path

from chaos_lib.answers import STUB
from chaos_lib.errors import ToolMissing
from chaos_lib.phases import PHASES
from chaos_lib.settings import Settings


def provide_notebooks(settings: Settings) -> Sequence[Path]:
    """Put the notebooks of all phases into `<home>/notebooks`, solutions taken out; those that are there stay as they are.

    The same preprocessors as in `nbgrader generate_assignment` do the work, so that a copy can be handed in.

    Returns:
        The notebooks that were added.

    Raises:
        ToolMissing: nbgrader is not installed.
    """
    wanted = {
        settings.notebooks / phase.name / f"{phase.name}.ipynb": settings.home
        / "notebooks"
        / phase.name
        / f"{phase.name}.ipynb"
        for phase in PHASES
    }
    added = []
    for source, target in wanted.items():
        if source.is_file() and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            draft = target.with_suffix(".draft")
            draft.write_text(without_solutions(source), encoding="utf-8")
            draft.replace(target)
            added.append(target)
    return added


def without_solutions(source: Path) -> str:
    """Return a source notebook as participants get it: stubs instead of solutions, locked checks, no outputs.

    Raises:
        ToolMissing: nbgrader is not installed.
    """
    if importlib.util.find_spec("nbgrader") is None:
        raise ToolMissing(
            "nbgrader is not installed: it takes the solutions out of the notebooks.",
            evidence=f"no module named nbgrader in {sys.prefix}",
            fix="Install the workshop's packages: `make setup`, or `pip install 'operation-chaos[grading]'`.",
        )
    import nbformat
    from nbgrader.preprocessors import ClearOutput, ClearSolutions, ComputeChecksums, LockCells

    notebook = nbformat.read(source, as_version=4)
    clear_solutions = ClearSolutions(code_stub={"python": f"# {STUB}"})
    for preprocessor in (LockCells(), clear_solutions, ClearOutput(), ComputeChecksums()):
        notebook, _ = preprocessor.preprocess(notebook, {})
    return str(nbformat.writes(notebook)) + "\n"
