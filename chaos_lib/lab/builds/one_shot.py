"""Run one command in an image, without a network, and return what it said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any

from chaos_lib import labels
from chaos_lib.errors import WaitTimeout
from chaos_lib.lab.engine import Engine
from chaos_lib.lab.engine_errors import translated
from chaos_lib.settings import Settings


@dataclass(frozen=True)
class Outcome:
    """How a command in an image ended.

    Attributes:
        exit_code: Its exit code.
        output: What it wrote.
    """

    exit_code: int
    output: str


def run_once(
    engine: Engine,
    settings: Settings,
    image: str,
    *,
    entrypoint: Sequence[str] | None = None,
    environment: Mapping[str, str] | None = None,
    timeout_s: float = 60.0,
) -> Outcome:
    """Run an image to its end, with no network; the container is removed.

    Args:
        engine: Where.
        settings: Whose mission: its run id is on the container.
        image: Name or id.
        entrypoint: Another program than the image's own, with its arguments.
        environment: Variables of the container.
        timeout_s: Longest run in seconds.

    Raises:
        WaitTimeout: It did not end in time; carries what it wrote.
        LabError: The engine refused: there is no such program in the image, for instance.
    """
    from docker.errors import APIError
    from requests.exceptions import ConnectionError as LostConnection
    from requests.exceptions import ReadTimeout

    with closing(engine.connect(timeout_s=timeout_s + 30)) as client, translated("running an image", engine):
        api: Any = client.api
        container = api.create_container(
            image,
            entrypoint=list(entrypoint[:1]) if entrypoint else None,
            command=list(entrypoint[1:]) if entrypoint else None,
            environment=dict(environment or {}),
            labels=labels.labels(settings.run_id(), owner=labels.process_owner()),
            host_config=api.create_host_config(network_mode="none"),
        )["Id"]
        try:
            api.start(container)
            try:
                code = int(api.wait(container, timeout=timeout_s)["StatusCode"])
            except (ReadTimeout, LostConnection) as exc:
                said = api.logs(container, tail=15).decode(errors="replace")
                raise WaitTimeout(
                    f"The container did not end within {timeout_s:.0f} s.",
                    evidence=said,
                    fix="Read its last lines.",
                ) from exc
            return Outcome(code, api.logs(container).decode(errors="replace").strip())
        finally:
            with suppress(APIError):
                api.remove_container(container, force=True, v=True)
