"""The facility *containers*: a Docker engine with the lab's images on it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from chaos_lib.errors import ChaosError
from chaos_lib.lab.engine import Engine
from chaos_lib.lab.facility import ProgressSink, Usability
from chaos_lib.lab.image_store import ImageSet
from chaos_lib.settings import Settings, Tier


@dataclass(frozen=True)
class Containers:
    """Containers can be run.

    Attributes:
        engine: The engine; None when this is only a model.
        images: The images that are ready.
        tier: How real it is.
        provider: Name of the provider.
        how: One sentence: which engine, and who started it.
    """

    engine: Engine | None
    images: ImageSet
    tier: Tier
    provider: str
    how: str

    def environment(self) -> dict[str, str]:
        """Return the variables for child processes: names to values."""
        if self.engine is None:
            return {}
        found = {"DOCKER_HOST": self.engine.url, "DOCKER_BUILDKIT": "1"}
        certificates = self.engine.address.certificates
        if certificates is not None:
            found |= {"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(certificates)}
        # The reaper's image cannot be pulled offline, and it can leak in silence
        # (testcontainers-python, issues 1093 and 1114): the lab sweeps by label instead.
        found["TESTCONTAINERS_RYUK_DISABLED"] = "true"
        if self.images.prefix:
            found["TESTCONTAINERS_HUB_IMAGE_NAME_PREFIX"] = self.images.prefix
        if self.engine.is_own:
            # It runs beside us, so its ports are ours, even where a /.dockerenv suggests otherwise.
            found["TESTCONTAINERS_HOST_OVERRIDE"] = "127.0.0.1"
        return found


class ContainersProvider(Protocol):
    """One way to have containers."""

    @property
    def name(self) -> str:
        """Unique, one word."""
        ...

    @property
    def tier(self) -> Tier:
        """How real its containers are."""
        ...

    def usability(self) -> Usability:
        """Say whether this provider can work here; changes nothing and takes under half a second."""
        ...

    def start(self, progress: ProgressSink) -> Containers:
        """Make sure that an engine answers and has the images; may be called again."""
        ...

    def attach(self) -> Containers | None:
        """Return what an earlier `start` made, if it truly answers."""
        ...

    def stop(self, *, purge: bool, progress: ProgressSink) -> Sequence[str]:
        """Remove what this mission has on the engine, and the engine if the lab started it for nobody else.

        Args:
            purge: Whether the cache (images, the engine's data) goes too.
            progress: Told what is going on.

        Returns:
            What was kept and why, one sentence each.
        """
        ...


def allows_live(settings: Settings) -> bool:
    """Whether the settings let a facility use its real tools."""
    return settings.tier in (None, Tier.LIVE)


def first_usable(
    providers: Sequence[ContainersProvider],
) -> tuple[ContainersProvider | None, Usability]:
    """Return the first provider that is usable with what it says, or None with what the first one says."""
    first: Usability | None = None
    for provider in providers:
        usability = provider.usability()
        if usability.is_usable:
            return provider, usability
        first = first or usability
    return None, first or Usability(False, "No provider of containers is registered.", "")


def refusal_of(error: ChaosError) -> Usability:
    """Return the usability that an error stands for."""
    evidence = f" ({error.evidence.splitlines()[0]})" if error.evidence else ""
    return Usability(False, f"{error.what}{evidence}", error.fix)


def is_privileged() -> bool:
    """Whether this process holds what a container engine needs: CAP_SYS_ADMIN and CAP_NET_ADMIN.

    Root inside an ordinary container is root without them.
    """
    try:
        with open("/proc/self/status", encoding="utf-8") as status:  # noqa: PTH123
            effective = next(int(line.split()[1], 16) for line in status if line.startswith("CapEff:"))
    except (OSError, StopIteration):
        return False
    needed = (1 << 21) | (1 << 12)
    return hasattr(os, "geteuid") and os.geteuid() == 0 and effective & needed == needed
