"""pytest plugin for the test runs of a participant's workspace: `-p chaos_lib.lab.pytest_plugin`.

It reads three variables that the lab sets, and does nothing where they are missing:

- `OPCHAOS_RUN_ID`: whatever the tests' own Testcontainers fixtures create carries our labels, and is removed at
  the end of the session when a fixture forgot.
- `OPCHAOS_SERVICES_TIER`: with `EMBEDDED` the very same fixtures are served by real servers without containers.
- `OPCHAOS_CONTAINER_REPORT`: file for the report of every container that was started.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chaos_lib.lab.services.report import ContainerReport, StartedContainer, add_to_report
from chaos_lib.lab.services.testcontainers_hooks import (
    CONTAINER,
    DATABASE,
    REDIS,
    StartTimer,
    add_labels,
    look_often,
    ping_redis_once_a_look,
    use_engine,
    when_imported,
)
from chaos_lib.labels import OWNER, RUN, labels, process_owner
from chaos_lib.settings import Settings, Tier

if TYPE_CHECKING:
    from chaos_lib.lab.services.twin_engine import TwinEngine

RUN_ID = "OPCHAOS_RUN_ID"
SERVICES_TIER = "OPCHAOS_SERVICES_TIER"
CONTAINER_REPORT = "OPCHAOS_CONTAINER_REPORT"
_NAME = "opchaos-services"


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Start one session of the plugin, before a conftest.py can make its first container."""
    early_config.pluginmanager.register(ServicesPlugin(_tier_asked()), _NAME)


def _tier_asked() -> Tier | None:
    asked = os.environ.get(SERVICES_TIER)
    if not asked:
        return None
    if asked not in (Tier.LIVE, Tier.EMBEDDED):
        raise pytest.UsageError(f"{SERVICES_TIER} is {asked!r}; it can be LIVE or EMBEDDED.")
    return Tier(asked)


class ServicesPlugin:
    """The plugin's state for one session.

    Args:
        tier: The tier that was asked for; None when the tests do not run in a lab.
    """

    def __init__(self, tier: Tier | None) -> None:
        self.tier = tier
        self._cleanup = contextlib.ExitStack()
        self._twins: TwinEngine | None = None
        self._has_created = False
        self._forgotten: list[str] = []
        report = os.environ.get(CONTAINER_REPORT)
        self._report = Path(report) if report else None
        if self._report is not None and "PYTEST_XDIST_WORKER" not in os.environ:
            ContainerReport().write(self._report)
        self._timer = StartTimer(self._record)
        when_imported(CONTAINER, self._hook_containers, self._cleanup)
        when_imported(DATABASE, self._hook_databases, self._cleanup)
        if tier is not None:
            when_imported(REDIS, lambda: ping_redis_once_a_look(self._cleanup), self._cleanup)

    def pytest_report_header(self) -> str | None:
        """Say how real the services are."""
        if self.tier is Tier.EMBEDDED:
            return "services: EMBEDDED (real Postgres and Redis without containers)"
        if self.tier is Tier.LIVE:
            return (
                f"services: LIVE (Docker engine {os.environ.get('DOCKER_HOST') or 'at its default address'})"
            )
        return None

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Remove what the fixtures left running; all of them have been torn down by now."""
        try:
            self._forgotten = self._remove_forgotten()
        finally:
            self._cleanup.close()

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Name what was left running, so that the fixture can be mended."""
        if self._forgotten:
            terminalreporter.write_line(
                f"services: the tests left {len(self._forgotten)} running, now stopped: "
                f"{', '.join(self._forgotten)}. Use `with` or `yield` in the fixture."
            )

    def pytest_unconfigure(self) -> None:
        """Put everything back, also when the session never got as far as its end."""
        self._cleanup.close()

    def _hook_databases(self) -> None:
        self._timer.watch(DATABASE, "DbContainer", self._cleanup)

    def _hook_containers(self) -> None:
        self._timer.watch(CONTAINER, "DockerContainer", self._cleanup)
        if self.tier is not None:
            look_often(self._cleanup)
        if self.tier is Tier.EMBEDDED:
            self._twins = self._start_twins()
            use_engine(self._twins, self._cleanup)
        elif os.environ.get(RUN_ID):
            add_labels(labels(os.environ[RUN_ID], owner=process_owner()), self._note_use, self._cleanup)

    def _start_twins(self) -> TwinEngine:
        from chaos_lib.lab.services.twin_engine import TwinEngine
        from chaos_lib.lab.services.twin_folder import new_session, remove_session, sweep_twins
        from chaos_lib.lab.services.wheels import find_wheels

        settings = Settings()
        wheels = find_wheels()
        sweep_twins(settings)
        session = new_session(settings)
        self._cleanup.callback(remove_session, settings, session)
        return TwinEngine(session, settings.cache, wheels)

    def _note_use(self) -> None:
        self._has_created = True

    def _record(self, image: str, seconds: float, is_started: bool) -> None:
        if self._report is not None:
            tier = self.tier or Tier.LIVE
            add_to_report(
                self._report,
                StartedContainer(
                    image=image, tier=tier, seconds_to_start=round(seconds, 3), is_started=is_started
                ),
            )

    def _remove_forgotten(self) -> list[str]:
        if self._twins is not None:
            forgotten = [twin.plan.image for twin in self._twins.left_running()]
            self._twins.remove_all()
            return forgotten
        if self._has_created:
            return _remove_containers(os.environ[RUN_ID], process_owner())
        return []


def _remove_containers(run_id: str, owner: str) -> list[str]:
    """Remove the containers and networks with this owner's labels, and return their images and names."""
    from docker.errors import DockerException
    from requests import RequestException
    from testcontainers.core.docker_client import DockerClient

    marks: dict[str, Sequence[str]] = {"label": [f"{RUN}={run_id}", f"{OWNER}={owner}"]}
    removed = []
    client = DockerClient().client
    # An engine that died under the tests has already shown itself in them; the next start sweeps.
    with contextlib.closing(client), contextlib.suppress(DockerException, RequestException):
        for container in client.containers.list(all=True, filters=marks, ignore_removed=True):
            removed.append(str(container.attrs["Config"]["Image"]))
            container.remove(force=True, v=True)
        for network in client.networks.list(filters=marks):
            removed.append(f"network {network.name}")
            network.remove()
    return removed
