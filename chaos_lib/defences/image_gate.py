"""What all defences of an image share: build the workspace's image, judge it, and say why it could not be built."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from chaos_lib.defences.base import GREEN, DefenceContext, Verdict
from chaos_lib.defences.scope import IMAGE
from chaos_lib.errors import (
    BuildFailed,
    ContainerEnded,
    DiskFull,
    EngineUnavailable,
    PermissionRefused,
    RegistryUnreachable,
    ToolMissing,
    ToolTooOld,
    WaitTimeout,
)
from chaos_lib.lab.builds.image_builder import ImageBuilder
from chaos_lib.lab.builds.report import BuildReport
from chaos_lib.lab.docker_containers import DockerContainers
from chaos_lib.lab.engine import Engine
from chaos_lib.settings import Settings

BUILD_REASONS: Mapping[str, str] = {
    "DOCKERFILE_MISSING": "There is no Dockerfile.",
    "BASE_UNKNOWN": "The base image named in FROM cannot be had.",
    "BUILD_FAILED": "The image cannot be built.",
    "BUILD_TOO_SLOW": "The image was not built in time.",
    "DISK_FULL": "There is no room left to build an image.",
    "ENGINE_MISSING": "No Docker engine answers that could build an image.",
}
RUN_REASONS: Mapping[str, str] = {
    "MODULE_MISSING": "The image was built, but the service in it cannot import what it needs.",
    "SERVICE_DOES_NOT_START": "The image was built, but the service in it does not start.",
    "SERVICE_DOES_NOT_ANSWER": "The container runs, and the service in it does not answer.",
}
_REMEDIES: Mapping[str, str] = {
    "DOCKERFILE_MISSING": "Write one: `%%answer Dockerfile`.",
    "BASE_UNKNOWN": "Correct the name and the tag behind FROM; pin a tag that you know exists.",
    "BUILD_FAILED": "Read the last lines of the step that failed: they name the cause.",
    "BUILD_TOO_SLOW": "Look at the step that was at work: what did it wait for?",
    "DISK_FULL": "Free some space: `df -h` shows where. `docker system df` shows what images take.",
    "ENGINE_MISSING": "Run `opchaos doctor`: it says how to get an engine.",
    "MODULE_MISSING": "Put the package that is named into the dependencies, and install them in the image.",
    "SERVICE_DOES_NOT_START": "Read the container's last lines: they name the cause.",
    "SERVICE_DOES_NOT_ANSWER": "Read the container's last lines: where does it listen, and what does it wait for?",
}


@dataclass(frozen=True)
class Finding:
    """What a gate found.

    Attributes:
        reason: `OK` or one of the gate's reason codes.
        detail: Added to the plain sentence of that reason.
        evidence: What was seen.
        remedy: What to do about it.
        numbers: Measured values by name.
    """

    reason: str = GREEN
    detail: str = ""
    evidence: str = ""
    remedy: str = ""
    numbers: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Bench:
    """Where images of a workspace are built and run.

    Attributes:
        context: What the defence may look at.
    """

    context: DefenceContext

    @property
    def settings(self) -> Settings:
        """The kit's settings."""
        return self.context.settings

    @cached_property
    def engine(self) -> Engine:
        """The engine that answers.

        Raises:
            EngineUnavailable: None does; PermissionRefused and ToolTooOld when there is one that is of no use.
        """
        return DockerContainers(self.settings).search().require()

    @cached_property
    def builder(self) -> ImageBuilder:
        """Builds on that engine."""
        return ImageBuilder(self.engine, self.settings)

    def build(self, *, tag: str = "workspace") -> BuildReport:
        """Build the workspace's image; where nothing has changed, BuildKit answers from its cache."""
        return self.build_folder(self.context.workspace, tag=tag)

    def build_folder(self, folder: Path, *, tag: str, dockerfile: Path | None = None) -> BuildReport:
        """Build another folder's image, such as a copy of the workspace with something changed.

        Raises:
            BuildFailed: It could not be built, or not in time.
        """
        try:
            return self.builder.build(folder, tag=tag, dockerfile=dockerfile, on_line=self.context.on_line)
        except WaitTimeout as exc:
            raise BuildFailed(exc.what, evidence=exc.evidence, fix=exc.fix, reason="BUILD_TOO_SLOW") from exc


class ImageGate:
    """A defence that builds the workspace's image and looks at it: the parts that all of them share."""

    name = ""
    title = ""
    phase = "phase-2-docker"
    facility = "containers"
    uses_services = False
    looks_at = IMAGE
    reasons: Mapping[str, str] = BUILD_REASONS
    command = "docker build --tag mission-control ."
    all_well = "The image is as it should be."

    def run(self, context: DefenceContext) -> Verdict:
        """Build the image, unless a glance at the workspace says enough already, and judge it."""
        start = time.monotonic()
        bench = Bench(context)
        try:
            finding = self.judge(bench)
        except (EngineUnavailable, PermissionRefused, ToolTooOld, ToolMissing) as exc:
            finding = Finding("ENGINE_MISSING", evidence=exc.text)
        except DiskFull as exc:
            finding = Finding("DISK_FULL", evidence=exc.evidence)
        except (BuildFailed, RegistryUnreachable) as exc:
            finding = self.judge_failed_build(bench, exc)
        except ContainerEnded as exc:
            finding = judge_ended(exc)
        except WaitTimeout as exc:
            finding = Finding("SERVICE_DOES_NOT_ANSWER", evidence=exc.evidence or exc.what)
        summary = self.reasons.get(finding.reason, self.all_well)
        return Verdict(
            defence=self.name,
            reason=finding.reason,
            summary=f"{summary} {finding.detail}".strip(),
            evidence=finding.evidence,
            remedy=finding.remedy or _REMEDIES.get(finding.reason, ""),
            command=self.command,
            tier=context.tier,
            elapsed_s=time.monotonic() - start,
            numbers=finding.numbers,
        )

    def judge(self, bench: Bench) -> Finding:
        """Build what is needed and look at it; what stands in the way is raised."""
        raise NotImplementedError

    def judge_failed_build(self, bench: Bench, error: BuildFailed | RegistryUnreachable) -> Finding:  # noqa: ARG002 - for gates that look closer
        """Say why the image could not be built."""
        if isinstance(error, RegistryUnreachable):
            return Finding("BASE_UNKNOWN", evidence=error.evidence, remedy=error.fix)
        return Finding(error.reason, detail=error.what, evidence=error.evidence, remedy=error.fix)


def judge_ended(error: ContainerEnded) -> Finding:
    """Say why a container ended although it should run."""
    missing = "ModuleNotFoundError" in error.log or "ImportError" in error.log
    return Finding("MODULE_MISSING" if missing else "SERVICE_DOES_NOT_START", evidence=error.text)
