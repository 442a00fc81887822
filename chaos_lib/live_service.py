"""Bring the workspace's service live: in the cluster, from its image where there is only an engine, as a process elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType

from chaos_lib.defences.image_gate import Bench
from chaos_lib.image_service import ImageService
from chaos_lib.mission import Mission
from chaos_lib.service import Answer, Service
from chaos_lib.settings import Tier
from chaos_lib.warzone import Warzone


@dataclass(frozen=True)
class ClusterService:
    """What the pipeline has deployed, asked through the public Service; it serves on when nobody asks any more.

    Attributes:
        warzone: The mission's cluster.
    """

    warzone: Warzone

    def get(self, path: str) -> Answer:
        """Ask over HTTP; an error status is an answer, not an exception."""
        return self.warzone.ask(path)

    def log(self) -> str:
        """Say where its log is."""
        return "kubectl logs --selector app.kubernetes.io/name=mission-control"

    def stop(self) -> None:
        """Leave it running: the cluster is its home."""

    def __enter__(self) -> ClusterService:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


def go_live(mission: Mission) -> ClusterService | ImageService | Service:
    """Return the live service: what serves in the cluster; without one, what the workspace holds now is started.

    Returns:
        The running service: `get(path)`, `log()`, `stop()`; a context manager.

    Raises:
        BuildFailed: The image could not be built.
        ContainerEnded: The service ended at start; carries its last lines.
        CommandFailed: The same, without a container.
        WaitTimeout: It does not answer.
    """
    if mission.tier_of("cluster") is Tier.LIVE:
        return ClusterService(Warzone(mission))
    if mission.tier_of("containers") is Tier.LIVE:
        bench = Bench(mission.context(facility="containers"))
        return ImageService(bench, bench.build().image)
    return Service(mission.context())
