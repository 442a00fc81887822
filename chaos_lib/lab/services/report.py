"""The report of a test session: which containers, or embedded twins, its fixtures really started."""

from __future__ import annotations

import os
from pathlib import Path

from filelock import FileLock
from pydantic import BaseModel, ConfigDict

from chaos_lib.settings import Tier


class StartedContainer(BaseModel):
    """One container, or one embedded twin of it.

    Attributes:
        image: The image as the container was made with, prefix included.
        tier: LIVE for a container, EMBEDDED for a twin.
        seconds_to_start: From the call of `start` to its return, the wait for readiness included.
        is_started: Whether `start` returned; False when it raised.
    """

    model_config = ConfigDict(frozen=True)

    image: str
    tier: Tier
    seconds_to_start: float
    is_started: bool = True

    @property
    def kind(self) -> str:
        """The image's last name, without registry and tag: `postgres`."""
        return image_kind(self.image)


class ContainerReport(BaseModel):
    """All containers of one test session, in the order they were started.

    Attributes:
        containers: What was started.
    """

    model_config = ConfigDict(frozen=True)

    containers: tuple[StartedContainer, ...] = ()

    @classmethod
    def read(cls, path: Path) -> ContainerReport:
        """Read the report of a session; an empty one when the session never got as far as writing it."""
        if not path.exists():
            return cls()
        return cls.model_validate_json(path.read_text(encoding="utf-8"))

    def write(self, path: Path) -> None:
        """Write the report in one step: a reader sees the old one or the new one."""
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.write_text(self.model_dump_json(indent=1), encoding="utf-8")
        draft.replace(path)


def add_to_report(path: Path, container: StartedContainer) -> None:
    """Add a container at once, so that a killed session leaves a report too; safe between processes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_name(f"{path.name}.lock")):
        report = ContainerReport.read(path)
        ContainerReport(containers=(*report.containers, container)).write(path)


def image_kind(image: str) -> str:
    """Return an image's last name, without registry, digest and tag: `opchaos.local/postgres:15` is `postgres`."""
    return image.split("@")[0].rsplit("/", 1)[-1].split(":")[0]
