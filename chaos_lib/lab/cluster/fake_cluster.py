"""A model of the facility *cluster* for tests: it says SIMULATED and runs nothing."""

from __future__ import annotations

from collections.abc import Sequence

from chaos_lib.lab.cluster import kubeconfig
from chaos_lib.lab.cluster.base import Cluster, namespace_of, own_kubeconfig
from chaos_lib.lab.facility import Progress, ProgressSink, Usability
from chaos_lib.settings import Settings, Tier

CONTEXT = "opchaos-model"


class FakeClusterProvider:
    """The provider `fake`, tier SIMULATED; only tests register it.

    Attributes:
        is_up: Whether it was started and not stopped.
        failure: Raised by the next `start`, once.
        handed_over: The images that it was given.
    """

    name = "fake"
    tier = Tier.SIMULATED

    def __init__(self, settings: Settings, *, is_usable: bool = True, outlives: bool = False) -> None:
        """Make a model that is down.

        Args:
            settings: Where its kubeconfig is written.
            is_usable: What `usability` shall say.
            outlives: What `outlives_mission` shall say.
        """
        self.is_up = False
        self.failure: BaseException | None = None
        self.handed_over: list[str] = []
        self._settings = settings
        self._is_usable = is_usable
        self._outlives = outlives

    def usability(self) -> Usability:
        """Say what was asked for."""
        if self._is_usable:
            return Usability(True, "A model of a cluster, for tests.", "")
        return Usability(False, "The model was told to be unusable.", "Tell it otherwise.")

    def start(self, progress: ProgressSink) -> Cluster:
        """Be up, or fail as told."""
        progress(Progress("Starting a model of a cluster", fraction=0.5))
        self.is_up = True
        if self.failure is not None:
            failure, self.failure = self.failure, None
            raise failure
        # A port on which nobody can listen: whoever takes it for a real cluster gets no answer.
        content = kubeconfig.document(
            CONTEXT, "https://127.0.0.1:0", authority=b"none", certificate=b"none", key=b"none"
        )
        kubeconfig.write(own_kubeconfig(self._settings, self.name), content)
        return self._cluster()

    def attach(self) -> Cluster | None:
        """Return the model while it is up."""
        return self._cluster() if self.is_up else None

    def outlives_mission(self) -> bool:
        """Say what was asked for."""
        return self._outlives

    def stop(self, *, purge: bool, progress: ProgressSink) -> Sequence[str]:
        """Be down."""
        del purge
        progress(Progress("Stopping a model of a cluster"))
        self.is_up = False
        own_kubeconfig(self._settings, self.name).unlink(missing_ok=True)
        return ()

    def hand_over(self, image: str, progress: ProgressSink) -> str:
        """Note the image."""
        del progress
        self.handed_over.append(image)
        return image

    def _cluster(self) -> Cluster:
        kubeconfig_file, namespace = own_kubeconfig(self._settings, self.name), namespace_of(self._settings)
        how = "A model of a cluster, for tests."
        return Cluster(kubeconfig_file, CONTEXT, namespace, self.tier, self.name, how)
