"""Translate what docker-py raises, in one place."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

from chaos_lib.errors import EngineUnavailable, LabError
from chaos_lib.lab.debian import disk_full, says_disk_full
from chaos_lib.lab.engine import Engine
from chaos_lib.lab.ports import port_taken


@contextlib.contextmanager
def translated(doing: str, engine: Engine) -> Iterator[None]:
    """Turn docker-py's errors in the block into ours.

    Args:
        doing: Completes "The Docker engine refused ...": "starting a container".
        engine: The engine that is spoken to.

    Raises:
        DiskFull: The engine has no room left.
        PortTaken: A port to publish is in use.
        EngineUnavailable: The engine stopped answering.
        LabError: Anything else that the engine refused.
    """
    from docker.errors import APIError, DockerException
    from requests.exceptions import RequestException

    try:
        yield
    except APIError as exc:
        raise explain(doing, str(exc.explanation or exc)) from exc
    except (RequestException, DockerException) as exc:
        raise EngineUnavailable(
            f"The Docker engine at {engine.url} stopped answering while {doing}.",
            evidence=str(exc),
            fix="Run `opchaos up`: it starts the engine again.",
        ) from exc


def explain(doing: str, message: str) -> LabError:
    """Return the error for a message of the engine."""
    if says_disk_full(message):
        return disk_full(doing, message)
    port = re.search(r":(\d+)", message) if "already" in message and "bind" in message.lower() else None
    if port:
        return port_taken(int(port[1]), evidence=message)
    return LabError(
        f"The Docker engine refused {doing}.",
        evidence=message,
        fix="Read the engine's words above; `opchaos doctor` checks the engine.",
    )
