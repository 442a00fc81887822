"""A model of the facility *containers* for tests: it says SIMULATED and runs nothing."""

from __future__ import annotations

from collections.abc import Sequence

from chaos_lib.lab.containers import Containers
from chaos_lib.lab.facility import Progress, ProgressSink, Usability
from chaos_lib.lab.image_catalogue import LAB_IMAGES, LOCAL_PREFIX
from chaos_lib.lab.image_store import ImageSet
from chaos_lib.settings import Tier


class FakeContainers:
    """The provider `fake`, tier SIMULATED; only tests register it.

    Attributes:
        is_up: Whether it was started and not stopped.
        failure: Raised by the next `start`, once.
    """

    name = "fake"
    tier = Tier.SIMULATED

    def __init__(self, *, is_usable: bool = True) -> None:
        """Make a model that is down.

        Args:
            is_usable: What `usability` shall say.
        """
        self.is_up = False
        self.failure: BaseException | None = None
        self._is_usable = is_usable

    def usability(self) -> Usability:
        """Say what was asked for."""
        if self._is_usable:
            return Usability(True, "A model of an engine, for tests.", "")
        return Usability(False, "The model was told to be unusable.", "Tell it otherwise.")

    def start(self, progress: ProgressSink) -> Containers:
        """Be up, or fail as told."""
        progress(Progress("Starting a model", fraction=0.5))
        self.is_up = True
        if self.failure is not None:
            failure, self.failure = self.failure, None
            raise failure
        return self._containers()

    def attach(self) -> Containers | None:
        """Return the model while it is up."""
        return self._containers() if self.is_up else None

    def stop(self, *, purge: bool, progress: ProgressSink) -> Sequence[str]:
        """Be down."""
        del purge
        progress(Progress("Stopping a model"))
        self.is_up = False
        return ()

    def _containers(self) -> Containers:
        images = ImageSet(LOCAL_PREFIX, tuple(image.name for image in LAB_IMAGES))
        return Containers(None, images, self.tier, self.name, "A model of an engine, for tests.")
