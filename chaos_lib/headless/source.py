"""A notebook's source as the run needs to know it before it starts: cells, points, limits, parameters."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import nbformat
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chaos_lib.errors import InvalidInput, ToolMissing
from chaos_lib.headless.plan import ParameterValue

SKIP_TAG = "skip-execution"
_INJECTED_TAG = "injected-parameters"
_PARAMETERS_TAG = "parameters"
_KERNEL = "python3"
_HEADING = re.compile(r"^ {0,3}#{1,6}\s+(.+?)\s*#*\s*$")
_FENCE = re.compile(r"^ {0,3}(```|~~~)")

Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Minutes = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _OurMetadata(BaseModel):
    """The key `opchaos` in the metadata of a notebook or of a cell."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    minutes_planned: Minutes = 0.0
    timeout_s: Seconds | None = None


class _Grading(BaseModel):
    """nbgrader's own key in a cell's metadata (nbgrader docs, "Cell metadata")."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    grade: bool = False
    grade_id: str = ""
    points: Minutes = 0.0


@dataclass(frozen=True)
class SourceCell:
    """A cell that a run executes.

    Attributes:
        number: Place among the cells that are executed, from 1.
        headline: Text of the last Markdown heading before it.
        source: Its code.
        grade_id: nbgrader's id when the cell is graded, else empty.
        points: Points nbgrader gives for it.
        timeout_s: Its own time limit in seconds; None takes the run's.
    """

    number: int
    headline: str
    source: str
    grade_id: str = ""
    points: float = 0.0
    timeout_s: float | None = None

    @property
    def is_graded(self) -> bool:
        """Whether nbgrader gives points for it."""
        return bool(self.grade_id)


@dataclass(frozen=True)
class NotebookSource:
    """A notebook that can be played.

    Attributes:
        path: Where it was read.
        cells: The cells that are executed, in order.
        minutes_planned: Minutes the notebook says it takes; 0 when it does not say.
        unplayable_grades: grade_id and points of graded code cells that no run executes: empty or tagged to be skipped.
    """

    path: Path
    cells: tuple[SourceCell, ...]
    minutes_planned: float
    unplayable_grades: tuple[tuple[str, float], ...] = ()

    @property
    def points_possible(self) -> float:
        """The sum of the points of all graded code cells."""
        return sum(cell.points for cell in self.cells) + sum(points for _, points in self.unplayable_grades)


def read_source(path: Path, parameters: Mapping[str, ParameterValue]) -> NotebookSource:
    """Read a notebook and make sure that a run of it means what it says.

    Papermill only warns about an unknown parameter, replaces an earlier injection in silence and puts parameters on top
    when no cell is tagged; nbgrader's ids may clash. Here each of these is an error.

    Raises:
        InvalidInput: The file is missing or broken, or its parameters, grading or limits are not right.
        ToolMissing: It asks for a kernel other than this Python's.
    """
    notebook = _load(path)
    _check_kernel(path, notebook)
    code_cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    _check_parameters(path, code_cells, parameters)
    cells: list[SourceCell] = []
    unplayable: list[tuple[str, float]] = []
    headline = ""
    seen: set[str] = set()
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            headline = _last_heading(cell.source) or headline
        if cell.cell_type != "code":
            continue
        grading = _parse(path, _Grading, cell.metadata.get("nbgrader", {}))
        ours = _parse(path, _OurMetadata, cell.metadata.get("opchaos", {}))
        grade_id = grading.grade_id if grading.grade else ""
        if grading.grade and (not grade_id or grade_id in seen):
            raise _invalid(
                path,
                "has a graded cell whose grade_id is missing or used twice",
                evidence=f"grade_id `{grade_id}` in the cell that begins with: {_first_line(cell.source)}",
                fix="Give every graded cell a grade_id of its own.",
            )
        seen.add(grade_id)
        if is_executed(cell):
            points = grading.points if grade_id else 0.0
            cells.append(
                SourceCell(
                    number=len(cells) + 1,
                    headline=headline,
                    source=cell.source,
                    grade_id=grade_id,
                    points=points,
                    timeout_s=ours.timeout_s,
                )
            )
        elif grade_id:
            unplayable.append((grade_id, grading.points))
    ours = _parse(path, _OurMetadata, notebook.metadata.get("opchaos", {}))
    return NotebookSource(path, tuple(cells), ours.minutes_planned, tuple(unplayable))


def is_executed(cell: Any) -> bool:
    """Whether a run executes this notebook cell: nbclient passes over empty and tagged ones."""
    return bool(
        cell.cell_type == "code" and cell.source.strip() and SKIP_TAG not in cell.metadata.get("tags", [])
    )


def _load(path: Path) -> Any:
    try:
        text = path.read_text(encoding="utf-8")
        json.loads(text)
        notebook = nbformat.reads(text, as_version=4)
        nbformat.validate(notebook)
    except FileNotFoundError as exc:
        raise _invalid(path, "is not there", fix="Restore the file: `git checkout -- notebooks`.") from exc
    except (OSError, UnicodeDecodeError) as exc:
        raise _invalid(path, "cannot be read", evidence=str(exc), fix="Restore it from git.") from exc
    except json.JSONDecodeError as exc:
        raise _invalid(
            path,
            "is broken: it is not valid JSON",
            evidence=str(exc),
            fix="Restore it (`git checkout -- notebooks`); look for the markers of an unresolved merge.",
        ) from exc
    # nbformat raises many types for a file that is JSON but no notebook (KeyError, AttributeError, its own, …).
    except Exception as exc:
        raise _invalid(
            path,
            "is broken: it is JSON, but not a notebook",
            evidence=f"{type(exc).__name__}: {str(exc)[:500]}",
            fix="Restore it from git, or open and save it in JupyterLab.",
        ) from exc
    return notebook


def _check_kernel(path: Path, notebook: Any) -> None:
    name = notebook.metadata.get("kernelspec", {}).get("name")
    if not name:
        raise _invalid(
            path,
            "has no kernelspec in its metadata",
            evidence=f"metadata keys: {', '.join(sorted(notebook.metadata)) or 'none'}",
            fix="Open it in JupyterLab, choose the kernel `Python 3 (ipykernel)` and save.",
        )
    if name != _KERNEL:
        raise ToolMissing(
            f"The notebook {path.name} asks for the kernel `{name}`, which is not there.",
            evidence=f"a headless run knows one kernel: `{_KERNEL}`, the Python that runs it",
            fix=f"Open it in JupyterLab, choose the kernel `Python 3 (ipykernel)` (`{_KERNEL}`) and save.",
        )


def _check_parameters(path: Path, cells: list[Any], parameters: Mapping[str, ParameterValue]) -> None:
    tagged = [cell for cell in cells if _PARAMETERS_TAG in cell.metadata.get("tags", [])]
    if len(tagged) != 1:
        raise _invalid(
            path,
            "must have exactly one code cell tagged `parameters`",
            evidence=f"it has {len(tagged)}",
            fix="Tag one cell, near the top, that gives every parameter its default.",
        )
    if any(_INJECTED_TAG in cell.metadata.get("tags", []) for cell in cells):
        raise _invalid(
            path,
            "already holds parameters that an earlier run injected",
            evidence=f"a cell is tagged `{_INJECTED_TAG}`",
            fix="Delete that cell: the source keeps defaults only.",
        )
    names = _assigned(tagged[0].source)
    if names is None:
        raise _invalid(
            path,
            "has a `parameters` cell that is not plain Python",
            evidence=_first_line(tagged[0].source),
            fix="Only assignments such as `seed = 20` belong in that cell.",
        )
    unknown = sorted(set(parameters) - set(names))
    if unknown:
        raise _invalid(
            path,
            f"has no parameter named {_quoted(unknown)}",
            evidence=f"its parameters: {', '.join(names) or 'none'}",
            fix="Correct the name, or add it with a default to the cell tagged `parameters`.",
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    later = cells[cells.index(tagged[0]) + 1 :]
    overwritten = {name for cell in later for name in _assigned(cell.source) or ()} & set(names)
    if twice or overwritten:
        raise _invalid(
            path,
            f"overwrites its parameter {_quoted(twice or sorted(overwritten))}",
            evidence="assigned twice in the `parameters` cell" if twice else "assigned again in a later cell",
            fix="Assign a parameter once, in the `parameters` cell; use another name further down.",
        )


def _assigned(source: str) -> list[str] | None:
    """Return the names that top-level assignments bind; None when the source is not plain Python."""
    if source.lstrip().startswith("%%"):
        return None  # a cell magic: the rest is its text, not code of this notebook
    lines = ["pass" if line.startswith(("%", "!")) else line for line in source.splitlines()]
    try:
        tree = ast.parse("\n".join(lines))
    except (SyntaxError, ValueError):
        return None
    names: list[str] = []
    for statement in tree.body:
        if isinstance(statement, ast.Assign):
            targets: Iterable[ast.expr] = statement.targets
        elif isinstance(statement, (ast.AnnAssign, ast.AugAssign)):
            targets = [statement.target]
        else:
            continue
        names += [node.id for target in targets for node in ast.walk(target) if _is_bound(node)]  # type: ignore[attr-defined]
    return names


def _is_bound(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def _last_heading(markdown: str) -> str:
    heading = ""
    in_code = False
    for line in markdown.splitlines():
        if _FENCE.match(line):
            in_code = not in_code
        match = _HEADING.match(line)
        if match and not in_code:
            heading = re.sub(r"[*`]|<[^>]+>", "", match.group(1)).strip()
    return heading


def _parse(path: Path, model: type[Any], value: Any) -> Any:
    try:
        return model.model_validate(value)
    except ValidationError as exc:
        raise _invalid(
            path,
            "has metadata that cannot be right",
            evidence="; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in exc.errors()),
            fix="Points and minutes are numbers from 0, `timeout_s` is a number of seconds above 0.",
        ) from exc


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _first_line(source: str) -> str:
    return (source.strip().splitlines() or ["(empty)"])[0]


def _invalid(path: Path, problem: str, *, evidence: str = "", fix: str) -> InvalidInput:
    return InvalidInput(f"The notebook {path.name} {problem}.", evidence=evidence, fix=fix)
