"""Checks of phase 2, Docker Sabotage: each builds the participant's image and looks at what it does."""

from __future__ import annotations

import re

from chaos_lib.checks.base import Check, require_green
from chaos_lib.defences.build_times import downloads_again
from chaos_lib.defences.dockerfile_lints import installs_dependencies
from chaos_lib.defences.image_gate import Bench
from chaos_lib.errors import BuildFailed, ChaosError, CheckFailed
from chaos_lib.lab.builds.bases import instructions
from chaos_lib.mission import Mission

_PHASE = "phase-2-docker"
_FEW = 3
_WORKS = "an image that is built and whose service starts"


def _image(mission: Mission) -> None:
    require_green(mission.defend("image-build"), expected="a Dockerfile that builds, on a pinned base")
    require_green(mission.defend("import-smoke"), expected=_WORKS)


def _size(mission: Mission) -> None:
    require_green(mission.defend("size-budget"), expected="an image that ships the service and nothing else")
    require_green(mission.defend("import-smoke"), expected=_WORKS)
    require_green(mission.defend("secret-scan"), expected="no secret in any layer")


def _cache(mission: Mission) -> None:
    require_green(
        mission.defend("second-build"),
        expected="a second build that does not install the dependencies again",
    )
    try:
        fetched, kept = downloads_again(Bench(mission.context(facility="containers")))
    except BuildFailed as exc:
        raise CheckFailed(
            "Not yet: with one more dependency the image cannot be built.",
            found=exc.evidence or exc.what,
            expected="an image that is built from requirements.lock",
            next_step="Install what requirements.lock lists.",
        ) from exc
    except ChaosError as exc:
        raise CheckFailed(
            "Not yet: nothing could be built.", found=exc.text, expected="an engine", next_step=exc.fix
        ) from exc
    if fetched > _FEW and not _keeps_downloads(mission):
        raise CheckFailed(
            "Not yet: one more dependency, and all of them were downloaded again.",
            found=f"{fetched} packages downloaded, {kept} from the cache",
            expected="one package downloaded, the others from the cache",
            next_step="Keep the downloads between builds: RUN --mount=type=cache,target=/root/.cache/pip pip install …",
        )


def _keeps_downloads(mission: Mission) -> bool:
    """Whether a step that installs has a cache mount: there are package mirrors that forbid pip to keep anything."""
    text = (mission.workspace.folder / "Dockerfile").read_text(encoding="utf-8", errors="replace")
    return any(
        installs_dependencies(line)
        and re.search(r"--mount=\S*type=cache\S*target=\S*(cache|pip|uv|wheel)", line)
        for line in instructions(text)
    )


def _container(mission: Mission) -> None:
    require_green(mission.defend("published-port"), expected="an answer from outside the container")
    require_green(mission.defend("non-root"), expected="a service that runs without root")
    require_green(mission.defend("stop-time"), expected="a service that stops when it is told")
    require_green(mission.defend("healthcheck"), expected="a health check that tells the truth")


def _defended(mission: Mission) -> None:
    require_green(mission.defend("python-version"), expected="a Python that pyproject.toml allows")
    require_green(mission.defend("import-smoke"), expected="every package that the service imports")
    require_green(mission.defend("size-budget"), expected="a slim image again")


CHECKS = (
    Check("phase-2.image", "Your image is built, and the service in it starts.", _PHASE, 10, _image),
    Check("phase-2.size", "Your image is slim, and holds no secret.", _PHASE, 15, _size),
    Check("phase-2.cache", "Your second build is quick.", _PHASE, 10, _cache),
    Check("phase-2.container", "Your container is a good citizen.", _PHASE, 15, _container),
    Check("phase-2.defended", "Your image has survived the Chaos Agent.", _PHASE, 10, _defended),
)
