"""Builds an image with BuildKit through Docker's own command line, and says what happened step by step."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from chaos_lib import scratch
from chaos_lib.command import Command, CommandResult
from chaos_lib.errors import BuildFailed, ChaosError, LabError, RegistryUnreachable, WaitTimeout
from chaos_lib.lab.builds import mission_images
from chaos_lib.lab.builds.bases import Bases, bases_of, renamed
from chaos_lib.lab.builds.host_trust import HostTrust, host_trust
from chaos_lib.lab.builds.report import BuildReport
from chaos_lib.lab.builds.steps import BuildStep, StepReader
from chaos_lib.lab.debian import disk_full, says_disk_full
from chaos_lib.lab.docker_client import buildkit_client
from chaos_lib.lab.engine import Engine
from chaos_lib.lab.facility import Progress, ProgressSink, no_progress
from chaos_lib.lab.image_catalogue import LOCAL_PREFIX, PYTHON, LabImage, debian_image, python_image
from chaos_lib.lab.image_store import find_images, provide_images
from chaos_lib.settings import Settings

TIMEOUT_S = 600.0
_EVIDENCE_LINES = 15
# BuildKit's words when a registry does not answer; "not found" and "denied" are answers.
_SILENT_REGISTRY = (
    "no such host",
    "i/o timeout",
    "connection refused",
    "network is unreachable",
    "tls handshake",
)


class ImageBuilder:
    """Builds images for one mission.

    Args:
        engine: Where they are built.
        settings: Whose mission.
        trust: What the machine tells a build; read from the machine when None.
    """

    def __init__(self, engine: Engine, settings: Settings, *, trust: HostTrust | None = None) -> None:
        self.engine = engine
        self._settings = settings
        self._trust = trust

    def build(
        self,
        context: Path,
        *,
        tag: str = "workspace",
        dockerfile: Path | None = None,
        arguments: Mapping[str, str] | None = None,
        uses_cache: bool = True,
        timeout_s: float = TIMEOUT_S,
        progress: ProgressSink = no_progress,
        on_line: Callable[[str], None] | None = None,
    ) -> BuildReport:
        """Build an image from a folder. Ctrl-C ends the client with all its children, and the engine stops building.

        Args:
            context: The folder, with the Dockerfile in it.
            tag: What comes after the colon in the image's name; the image that had it before is removed.
            dockerfile: Another Dockerfile than the folder's own.
            arguments: Build arguments: name to value.
            uses_cache: Whether steps that have not changed are taken from BuildKit's cache.
            timeout_s: Longest build in seconds.
            progress: Told of every step.
            on_line: Called with every line of BuildKit's own output.

        Raises:
            BuildFailed: A step failed, or the Dockerfile cannot be read; carries the step and its last lines.
            RegistryUnreachable: A base image is not here, and no registry answers.
            WaitTimeout: The build was not finished in time.
            DiskFull: There was no room.
            ToolMissing: No Docker client here can build with BuildKit.
        """
        path = dockerfile or context / "Dockerfile"
        if not path.is_file():
            raise BuildFailed(
                "There is no Dockerfile to build.",
                evidence=f"{path.name} is not in {context}",
                fix="Write one: `%%answer Dockerfile`.",
                reason="DOCKERFILE_MISSING",
            )
        text = path.read_text(encoding="utf-8", errors="replace")
        given = dict(arguments or {})
        bases = bases_of(text, given)
        local = self._local_names(bases, progress)
        image = mission_images.image_name(self._settings.run_id(), tag)
        before = mission_images.inspect(self.engine, image)
        with scratch.folder(self._settings, "build") as folder:
            mirrored = renamed(text, lambda name: local.get(name, name), bases.arguments)
            file = path
            if mirrored.split() != text.split():
                file = folder / "Dockerfile"
                file.write_text(mirrored, encoding="utf-8")
            led = {name: local[value] for name, value in bases.arguments.items() if local[value] != value}
            command = command_line(image, {**led, **given}, uses_cache=uses_cache, dockerfile=dockerfile)
            options = [*self._options(image, {**led, **given}, uses_cache=uses_cache), "--file", str(file)]
            trust = self._trust or host_trust()
            argv = [str(buildkit_client()), *options, *trust.options(folder), str(context)]
            steps, result = self._run(argv, timeout_s, progress, on_line)
        if not result.is_success:
            raise _failure(result, steps, local)
        return self._report(
            image, local.get(bases.last, bases.last), steps, result.elapsed_s, command, before
        )

    def led(self, dockerfile: str) -> tuple[str, dict[str, str]]:
        """Lead a Dockerfile to the base images of this engine.

        Args:
            dockerfile: Its text.

        Returns:
            The text with the images that it names itself replaced, and the build arguments that lead to the others.
        """
        bases = bases_of(dockerfile)
        local = self._local_names(bases, no_progress)
        text = renamed(dockerfile, lambda name: local.get(name, name), bases.arguments)
        return text, {name: local[value] for name, value in bases.arguments.items() if local[value] != value}

    def _options(self, image: str, arguments: Mapping[str, str], *, uses_cache: bool) -> list[str]:
        options = ["build", "--progress", "plain", "--tag", image]
        options += ["--label", f"{mission_images.RUN_LABEL}={self._settings.run_id()}"]
        for name, value in arguments.items():
            options += ["--build-arg", f"{name}={value}"]
        return options if uses_cache else [*options, "--no-cache"]

    def _run(
        self,
        argv: Sequence[str],
        timeout_s: float,
        progress: ProgressSink,
        on_line: Callable[[str], None] | None,
    ) -> tuple[tuple[BuildStep, ...], CommandResult]:
        reader = StepReader()

        def take(line: str) -> None:
            step = reader.read(line)
            if step is not None and step.instruction:
                done, total = step.position
                detail = "from the cache" if step.is_cached else (step.output[-1] if step.output else "")
                stage = f"{step.stage} " if step.stage else ""
                progress(Progress(f"[{stage}{done}/{total}] {step.instruction[:60]}", detail[:120]))
            if on_line is not None:
                on_line(line)

        environment = {**os.environ, "DOCKER_HOST": self.engine.url, "DOCKER_BUILDKIT": "1"}
        environment.pop("DOCKER_CONTEXT", None)
        if self.engine.address.certificates is not None:
            environment |= {
                "DOCKER_TLS_VERIFY": "1",
                "DOCKER_CERT_PATH": str(self.engine.address.certificates),
            }
        try:
            result = Command(argv, env=environment).run(timeout_s=timeout_s, on_line=take)
        except WaitTimeout as exc:
            running = [step.name for step in reader.steps if not (step.is_cached or step.elapsed_s)]
            raise WaitTimeout(
                f"The image was not built within {timeout_s:.0f} s; the build was stopped.",
                evidence="\n".join((*running[-3:], exc.evidence)),
                fix="Look at the step that was at work: what did it wait for? Downloads belong into a cache mount.",
            ) from exc
        return reader.steps, result

    def _report(
        self,
        image: str,
        base: str,
        steps: tuple[BuildStep, ...],
        elapsed_s: float,
        command: str,
        before: Mapping[str, object] | None,
    ) -> BuildReport:
        found = mission_images.inspect(self.engine, image)
        if found is None:
            raise LabError(
                "The image is gone right after it was built.",
                evidence=image,
                fix="Build it again; does somebody else remove images on this engine?",
            )
        if before is not None and before["Id"] != found["Id"]:
            mission_images.remove(self.engine, str(before["Id"]))
        has_base = bool(base) and mission_images.inspect(self.engine, base) is not None
        return BuildReport(
            image=image,
            image_id=str(found["Id"]),
            base=base,
            size_bytes=int(found["Size"]),
            layers=mission_images.layers_of(self.engine, image, base if has_base else ""),
            steps=steps,
            elapsed_s=elapsed_s,
            command=command,
        )

    def _local_names(self, bases: Bases, progress: ProgressSink) -> dict[str, str]:
        """Return the engine's name of each base image: the same where it is there or a registry has to give it."""
        found = {}
        for image in bases.images:
            local = f"{LOCAL_PREFIX}{image}"
            found[image] = image
            if image.startswith(LOCAL_PREFIX) or mission_images.inspect(self.engine, image) is not None:
                continue
            if mission_images.inspect(self.engine, local) is not None:
                found[image] = local
            elif (known := _catalogued(image)) is not None and (self._settings.registry or self._is_offline):
                ready = provide_images(self.engine, [known], self._settings, progress)
                found[image] = ready.reference(image)
        return found

    @property
    def _is_offline(self) -> bool:
        """Whether the lab's own images were built here, so that no registry is to be expected."""
        ready = find_images(self.engine, [PYTHON], self._settings)
        return ready is not None and ready.prefix == LOCAL_PREFIX


def command_line(
    image: str, arguments: Mapping[str, str], *, uses_cache: bool = True, dockerfile: Path | None = None
) -> str:
    """Return what a practitioner would type."""
    words = ["docker", "build", *([] if uses_cache else ["--no-cache"])]
    for name, value in arguments.items():
        words += ["--build-arg", f"{name}={value}"]
    if dockerfile is not None:
        words += ["--file", dockerfile.name]
    return shlex.join([*words, "--tag", image, "."])


def _catalogued(image: str) -> LabImage | None:
    repository, _, tag = image.partition(":")
    try:
        if repository == "python" and tag.endswith("-slim"):
            return python_image(tag.removesuffix("-slim"))
        if image in (debian_image(suite).name for suite in ("bullseye", "bookworm", "trixie")):
            return debian_image(tag.removesuffix("-slim"))
    except ChaosError:
        return None
    return None


def _failure(result: CommandResult, steps: Sequence[BuildStep], local: Mapping[str, str]) -> ChaosError:
    output = result.output
    if says_disk_full(output):
        return disk_full("building the image", result.last_lines)
    failed = next((step for step in steps if step.error), None)
    if failed is not None and "load metadata for" in failed.name:
        wanted = failed.name.rpartition(" ")[2]
        evidence = f"{wanted}: {failed.error}"
        if any(words in failed.error.lower() for words in _SILENT_REGISTRY):
            here = ", ".join(f"`{name}`" for name, found in local.items() if name != found) or "none of them"
            return RegistryUnreachable(
                "A base image is not on this machine, and no registry answers.",
                evidence=f"{evidence}\nof the images that the Dockerfile names, here: {here}",
                fix=f"Is its name right? The lab has `{PYTHON.name}`. Another image needs a registry.",
            )
        return BuildFailed(
            "The base image does not exist.",
            evidence=evidence,
            fix="Correct its name and tag behind FROM.",
            reason="BASE_UNKNOWN",
            output=output,
        )
    if failed is None:
        return BuildFailed(
            "The Dockerfile cannot be built as it stands.",
            evidence="\n".join(output.rstrip().splitlines()[-4:]),
            fix="The last line names the instruction that BuildKit does not understand.",
            output=output,
        )
    said = "\n".join([*failed.output[-_EVIDENCE_LINES:], failed.error])
    return BuildFailed(
        f"A step of the build failed: {failed.instruction or failed.name}",
        evidence=said,
        fix="Read its last lines: they name the cause.",
        output=output,
    )
