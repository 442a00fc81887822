"""The workspace's environment: the variables that a CI system would set.

They stand in `ci.env` at the root of the workspace, one `NAME=value` a line. A value may name a variable of the lab, such as
`${LAB_POSTGRES_URL}`: it is filled in when a command runs, so that the file stays right when ports change.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from string import Template

from chaos_lib.errors import InvalidAnswer

FILE = "ci.env"
_LINE = re.compile(r"^(?P<name>[A-Za-z_][A-Za-z0-9_]*)=(?P<value>.*)$")

DEFAULT = """\
# The variables that the CI system sets for tests and for the service.
MISSION_DATABASE_URL=${LAB_POSTGRES_URL}
MISSION_REDIS_URL=${LAB_REDIS_URL}
"""


def parse(text: str) -> dict[str, str]:
    """Return the variables of an environment file: name to value, placeholders not filled in.

    Raises:
        InvalidAnswer: A line is neither `NAME=value`, empty nor a `#` comment.
    """
    variables = {}
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        match = _LINE.match(stripped)
        if match is None:
            raise InvalidAnswer(
                f"Line {number} of {FILE} is not `NAME=value`.",
                evidence=stripped,
                fix="Write the name, an equals sign, and the value; no spaces around the equals sign.",
            )
        variables[match["name"]] = match["value"]
    return variables


def load(workspace: Path, lab: Mapping[str, str]) -> dict[str, str]:
    """Return the workspace's variables with the lab's values filled in.

    Args:
        workspace: The folder that holds `ci.env`; no file means no variables.
        lab: The lab's variables, name to value.
    """
    path = workspace / FILE
    if not path.exists():
        return {}
    variables = parse(path.read_text(encoding="utf-8"))
    return {name: Template(value).safe_substitute(lab) for name, value in variables.items()}


def with_variable(text: str, name: str, value: str | None) -> str:
    """Return an environment file's text with one variable set, or removed when `value` is None.

    Every other line stays as it is, comments included.
    """
    lines = text.splitlines()
    kept = [line for line in lines if not line.strip().startswith(f"{name}=")]
    if value is not None:
        position = next((i for i, line in enumerate(lines) if line.strip().startswith(f"{name}=")), len(kept))
        kept.insert(position, f"{name}={value}")
    return "\n".join(kept) + "\n"
