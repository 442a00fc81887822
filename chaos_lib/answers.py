"""`%%answer PATH`: a cell that is written into the workspace, after a look whether it can be right at all.

The answer lives in the notebook, so a submission grades anywhere; the same file can be edited in JupyterLab.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath

import yaml

from chaos_lib import environment
from chaos_lib.errors import InvalidAnswer, NotAnsweredYet
from chaos_lib.lab.builds.bases import instructions
from chaos_lib.workspace import Workspace

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

STUB = "YOUR ANSWER HERE"
_MARKER = re.compile(r"^\s*#+ (BEGIN|END) SOLUTION\s*$")


def strip_markers(cell: str) -> str:
    """Return a cell without nbgrader's solution markers: only the instructor's version has them."""
    lines = [line for line in cell.splitlines() if not _MARKER.match(line)]
    return "\n".join(lines).strip("\n") + "\n"


def require_answer(path: str, text: str) -> None:
    """Refuse a cell that is still the stub, or empty.

    Raises:
        NotAnsweredYet: Nothing was written yet.
    """
    without_comments = [
        line for line in text.splitlines() if line.strip() and not line.strip().startswith("#")
    ]
    if STUB in text or not without_comments:
        raise NotAnsweredYet(
            f"`{path}` is not answered yet.",
            evidence="the cell still holds its stub" if STUB in text else "the cell holds no content",
            fix=f"Replace the line `# {STUB}` with your own text and run the cell again. Stuck? Take a hint.",
        )


def validate(path: str, text: str) -> None:
    """Check that a file of this kind can be read at all.

    Raises:
        InvalidAnswer: It cannot; the place of the first problem is in the evidence.
    """
    name = PurePosixPath(path)
    reader = _READERS.get(name.suffix) or _READERS.get(name.name)
    if reader is not None:
        reader(path, text)


def save(workspace: Workspace, path: str, cell: str) -> bool:
    """Validate a cell and write it into the workspace.

    Args:
        workspace: Where to.
        path: Relative to the workspace.
        cell: The cell's text; solution markers are taken out.

    Returns:
        Whether an earlier version with other content was kept in a commit.

    Raises:
        NotAnsweredYet: The cell still holds its stub.
        InvalidAnswer: It cannot be read as that kind of file.
        GuardRefused: The path leads out of the workspace.
    """
    text = strip_markers(cell)
    require_answer(path, text)
    validate(path, text)
    return workspace.write(path, text, message=f"Answer: {path}")


def _read_python(path: str, text: str) -> None:
    try:
        compile(text, path, "exec")
    except (SyntaxError, ValueError) as exc:
        line = getattr(exc, "lineno", None)
        raise _invalid(path, "Python", str(exc), text, line) from exc


def _read_yaml(path: str, text: str) -> None:
    try:
        list(yaml.safe_load_all(text))
    except yaml.YAMLError as exc:
        mark = getattr(exc, "problem_mark", None)
        problem = getattr(exc, "problem", None) or str(exc)
        raise _invalid(path, "YAML", problem, text, None if mark is None else mark.line + 1) from exc


def _read_json(path: str, text: str) -> None:
    try:
        json.loads(text)
    except json.JSONDecodeError as exc:
        raise _invalid(path, "JSON", exc.msg, text, exc.lineno) from exc


def _read_toml(path: str, text: str) -> None:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        match = re.search(r"line (\d+)", str(exc))
        raise _invalid(path, "TOML", str(exc), text, int(match[1]) if match else None) from exc


def _read_environment(_: str, text: str) -> None:
    environment.parse(text)


def _read_dockerfile(path: str, text: str) -> None:
    words = [line.split(maxsplit=1)[0].upper() for line in instructions(text)]
    for word in words:
        if word not in _INSTRUCTIONS:
            number = next(
                (n for n, line in enumerate(text.splitlines(), 1) if line.strip().upper().startswith(word)),
                None,
            )
            raise _invalid(path, "Dockerfile", f"`{word}` is no instruction of a Dockerfile", text, number)
    if "FROM" not in words:
        raise _invalid(path, "Dockerfile", "there is no FROM: an image needs a base", text, None)


def _read_jenkinsfile(path: str, text: str) -> None:
    # Imported here: the parser's grammar takes its time, and few cells are a Jenkinsfile.
    from chaos_lib.pipeline.parser import parse

    parsed = parse(text)
    if not parsed.is_valid:
        problem = next(iter(parsed.problems), None)
        said = problem.message if problem else "there is no `pipeline` block"
        raise _invalid(path, "Declarative Pipeline", said, text, problem.line if problem else None)


_INSTRUCTIONS = {
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
}
_READERS: Mapping[str, Callable[[str, str], None]] = {
    ".py": _read_python,
    ".yaml": _read_yaml,
    ".yml": _read_yaml,
    ".json": _read_json,
    ".toml": _read_toml,
    ".env": _read_environment,
    "Dockerfile": _read_dockerfile,
    "Jenkinsfile": _read_jenkinsfile,
}


def _invalid(path: str, language: str, problem: str, text: str, line: int | None) -> InvalidAnswer:
    lines = text.splitlines()
    source = lines[line - 1] if line and line <= len(lines) else ""
    where = f"line {line}: {source.strip()}\n{problem}" if line else problem
    return InvalidAnswer(
        f"`{path}` is no valid {language}; nothing was written.",
        evidence=where,
        fix="Correct that line and run the cell again.",
    )
