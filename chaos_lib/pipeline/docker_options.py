"""What `docker build` needs on this machine: base images of the lab, and the machine's own way to packages.

A pipeline reads it as `$DOCKER_BUILD_OPTIONS`. The names of base images are led to the lab's own as a registry's mirror
would do it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from chaos_lib.errors import ChaosError
from chaos_lib.settings import Settings

VARIABLE = "DOCKER_BUILD_OPTIONS"


@dataclass(frozen=True)
class LedBuild:
    """A build of a Dockerfile on this machine.

    Attributes:
        dockerfile: Its text; base images that it names itself are replaced by the lab's.
        is_changed: Whether one was.
        options: For `docker build`.
    """

    dockerfile: str
    is_changed: bool
    options: tuple[str, ...]


def led_build(settings: Settings, dockerfile: Path, folder: Path) -> LedBuild | None:
    """Return how a Dockerfile is built here; None without one, or without an engine.

    Args:
        settings: Of the mission.
        dockerfile: The file; it stays as it is.
        folder: Receives files that the options name; it must live as long as the build.
    """
    # Imported here: Docker's client takes its time.
    from chaos_lib.lab.builds import mission_images
    from chaos_lib.lab.builds.host_trust import host_trust
    from chaos_lib.lab.builds.image_builder import ImageBuilder
    from chaos_lib.lab.docker_containers import DockerContainers

    if not dockerfile.is_file():
        return None
    before = dockerfile.read_text(encoding="utf-8")
    try:
        engine = DockerContainers(settings).search().require()
        text, arguments = ImageBuilder(engine, settings).led(before)
    except ChaosError:
        return None
    words = ["--label", f"{mission_images.RUN_LABEL}={settings.run_id()}"]
    for name, value in arguments.items():
        words += ["--build-arg", f"{name}={value}"]
    return LedBuild(text, text != before, (*words, *host_trust().options(folder)))
