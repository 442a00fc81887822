"""Bring the workspace's service live: from its image where there is an engine, as a process elsewhere."""

from __future__ import annotations

from chaos_lib.defences.image_gate import Bench
from chaos_lib.image_service import ImageService
from chaos_lib.mission import Mission
from chaos_lib.service import Service
from chaos_lib.settings import Tier


def go_live(mission: Mission) -> ImageService | Service:
    """Start what the workspace holds now, beside the lab's Postgres and Redis, and wait until it answers.

    Returns:
        The running service: `get(path)`, `log()`, `stop()`; a context manager.

    Raises:
        BuildFailed: The image could not be built.
        ContainerEnded: The service ended at start; carries its last lines.
        CommandFailed: The same, without a container.
        WaitTimeout: It does not answer.
    """
    if mission.tier_of("containers") is Tier.LIVE:
        bench = Bench(mission.context(facility="containers"))
        return ImageService(bench, bench.build().image)
    return Service(mission.context())
