"""`docker exec` for a server without a container: only clients of the server itself are run."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Sequence

from chaos_lib.command import Command, CommandResult
from chaos_lib.errors import LabError
from chaos_lib.lab.services.base import Credentials
from chaos_lib.lab.services.server import HOST
from chaos_lib.lab.services.wheels import Wheels

_POSTGRES_CLIENTS = ("psql", "pg_isready", "pg_dump", "pg_dumpall", "pg_restore", "createdb", "dropdb", "createuser", "dropuser", "pgbench", "vacuumdb")  # fmt: skip
_REDIS_CLIENTS = ("redis-cli",)
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_SHELL_SYNTAX = set(";|&<>()`$\n")
_TIMEOUT_S = 60.0


def run_client(
    command: str | Sequence[str], *, port: int, credentials: Credentials | None, wheels: Wheels
) -> CommandResult:
    """Run a client of the wheels on this machine, pointed at a server.

    A container keeps what is run in it away from the machine. Here nothing would, so everything but the
    servers' own clients is refused. `sh -c "VAR=value client ..."`, the form Testcontainers uses, is taken
    apart instead of given to a shell.

    Args:
        command: As for `docker exec`.
        port: Where the server listens.
        credentials: Who signs in when the command does not say; None for Redis.
        wheels: Where the clients are.

    Raises:
        LabError: It is not one of the clients, or needs a shell.
    """
    argv = shlex.split(command) if isinstance(command, str) else [str(part) for part in command]
    if argv[:2] in (["sh", "-c"], ["bash", "-c"]) and len(argv) >= 3:
        argv = _split_plain(argv[2])
    variables: dict[str, str] = {}
    while argv and (match := _ASSIGNMENT.fullmatch(argv[0])):
        variables[match[1]] = match[2]
        argv = argv[1:]
    if not argv or argv[0] not in _POSTGRES_CLIENTS + _REDIS_CLIENTS:
        raise _refusal(argv[0] if argv else "")
    if argv[0] in _REDIS_CLIENTS:
        argv = [argv[0], "-h", HOST, "-p", str(port), *argv[1:]]
    environment = {
        "PATH": os.pathsep.join([str(wheels.postgres_bin), str(wheels.redis_bin)]),
        "LC_ALL": "C.UTF-8",
        "PGHOST": HOST,
        "PGPORT": str(port),
    }
    if credentials is not None:
        environment |= {
            "PGUSER": credentials.username,
            "PGPASSWORD": credentials.password,
            "PGDATABASE": credentials.database,
        }
    return Command(argv, env=environment | variables).run(timeout_s=_TIMEOUT_S)


def _split_plain(script: str) -> list[str]:
    """Split a shell line of plain words; quoted text may hold anything."""
    lexer = shlex.shlex(script, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words = list(lexer)
    if any(word and set(word) <= _SHELL_SYNTAX for word in words):
        raise _refusal(script)
    return words


def _refusal(what: str) -> LabError:
    clients = ", ".join(_POSTGRES_CLIENTS + _REDIS_CLIENTS)
    return LabError(
        f"`{what}` cannot be run in an embedded server: there is no container around it to run it in.",
        evidence=f"the EMBEDDED tier runs these clients: {clients}",
        fix="Use one of them, or a connection, or play this step with a Docker engine (`opchaos doctor`).",
    )
