"""Check that YAML, TOML, JSON and notebooks are well-formed and that no notebook was committed with outputs.

Usage: tools/check_files.py [FILE ...]; without files, all that git knows or would add.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import yaml

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_MADE_BY_TOOLS = ("build", "dist", "mission", "out", "site", "release", "submitted", "autograded", "feedback")


def check_yaml(text: str) -> str:
    """Return what is wrong with a YAML text; tags are not resolved, and there may be several documents."""
    try:
        list(yaml.compose_all(text, Loader=yaml.SafeLoader))
    except yaml.YAMLError as exc:
        return " ".join(str(exc).split())
    return ""


def check_toml(text: str) -> str:
    """Return what is wrong with a TOML text."""
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        return str(exc)
    return ""


def check_json(text: str) -> str:
    """Return what is wrong with a JSON text."""
    try:
        json.loads(text)
    except ValueError as exc:
        return str(exc)
    return ""


def check_notebook(text: str) -> str:
    """Return what is wrong with a notebook: not JSON, no kernel, or saved with outputs."""
    if problem := check_json(text):
        return problem
    notebook = json.loads(text)
    if notebook.get("metadata", {}).get("kernelspec", {}).get("name") != "python3":
        return "its metadata name no kernel `python3`, so JupyterLab would ask for one"
    run = [
        str(number)
        for number, cell in enumerate(notebook["cells"], start=1)
        if cell.get("outputs") or cell.get("execution_count") is not None
    ]
    if run:
        return f"outputs in cells {', '.join(run)}; remove them with `nbstripout --keep-id FILE`"
    return ""


CHECKS: dict[str, Callable[[str], str]] = {
    ".yml": check_yaml,
    ".yaml": check_yaml,
    ".toml": check_toml,
    ".json": check_json,
    ".ipynb": check_notebook,
}


def project_files() -> Sequence[Path]:
    """List the files of the project: those that git knows, and new ones that it does not ignore."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=False,
        capture_output=True,
        text=True,
    )
    if listing.returncode == 0:
        return [Path(name) for name in listing.stdout.split("\0") if name]
    # An archive of the project has no history to ask.
    paths = (path.relative_to(Path.cwd()) for path in Path.cwd().rglob("*") if path.is_file())
    return [path for path in paths if not (path.parts[0].startswith(".") or path.parts[0] in _MADE_BY_TOOLS)]


def problems(paths: Sequence[Path]) -> list[str]:
    """Return one line for each file that is not in order."""
    found = []
    for path in paths:
        check = CHECKS.get(path.suffix)
        # A Helm template is no YAML before it is rendered.
        if check is None or not path.is_file() or "templates" in path.parts:
            continue
        if problem := check(path.read_text(encoding="utf-8")):
            found.append(f"{path}: {problem}")
    return found


def main(arguments: Sequence[str]) -> int:
    """Check the files; return 1 when one is not in order."""
    found = problems([Path(argument) for argument in arguments] or project_files())
    print("\n".join(found) if found else "YAML, TOML, JSON, notebooks: in order")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
