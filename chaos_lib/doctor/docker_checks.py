"""Checks of Docker: an engine that answers this user, a client that builds with BuildKit, Testcontainers."""

from __future__ import annotations

from chaos_lib.doctor.probes import Probes
from chaos_lib.doctor.report import Finding, Need, Remedy, Status
from chaos_lib.errors import ChaosError, PermissionRefused, ToolTooOld
from chaos_lib.lab.facility import FacilityReport
from chaos_lib.settings import Tier

_WILL_INSTALL = "none yet: the lab will install and start one (`opchaos up`)"

_INSTALL = Remedy(
    debian="sudo apt-get install docker.io && sudo systemctl enable --now docker && sudo usermod -aG docker $USER, "
    "then sign out and in",
    macos="brew install --cask docker && open -a Docker",
    windows="winget install Docker.DockerDesktop, start it, then sign out and in",
)
_LAB_UP = Remedy("opchaos up", _INSTALL.macos, _INSTALL.windows)
_PERMISSION = Remedy(
    debian="sudo usermod -aG docker $USER, then sign out and in (`newgrp docker` for this terminal only)",
    macos="Start Docker Desktop as this user: open -a Docker",
    windows="Add-LocalGroupMember -Group docker-users -Member $env:UserName (as administrator), then sign out and in",
)
_UPDATE = Remedy(
    debian="sudo apt-get update && sudo apt-get install docker.io  (20.10 or newer: Debian 11, Ubuntu 20.04)",
    macos="brew upgrade --cask docker",
    windows="winget upgrade Docker.DockerDesktop",
)
_BUILDX = Remedy(
    debian="sudo apt-get install docker.io  (its client brings BuildKit), or docker-buildx on Debian 13 and Ubuntu",
    macos="brew install docker-buildx, or use Docker Desktop, which has it",
    windows="winget install Docker.DockerDesktop",
)


def docker_engine(probes: Probes) -> Finding:
    """Check that a Docker engine, 20.10 or newer, answers this user."""
    search = probes.engine()
    if search.engine is not None:
        found = f"Docker engine {search.engine.version}, {search.engine.found_by} ({search.engine.url})"
        return Finding("docker-engine", Status.OK, found, Need.LIVE)
    if _lab_installs(probes):
        return Finding("docker-engine", Status.WARN, _WILL_INSTALL, Need.LIVE, _LAB_UP)
    try:
        search.require()
    except PermissionRefused as refusal:
        return _missing(refusal, _PERMISSION)
    except ToolTooOld as refusal:
        return _missing(refusal, _UPDATE)
    except ChaosError as refusal:
        return _missing(refusal, _INSTALL)
    raise AssertionError("a search without an engine must refuse")


def docker_client(probes: Probes) -> Finding:
    """Check that there is a `docker` program that builds with BuildKit; names the one that the lab uses."""
    clients = probes.docker_clients()
    if not clients:
        if _lab_installs(probes):
            return Finding("docker-client", Status.WARN, _WILL_INSTALL, Need.LIVE, _LAB_UP)
        return Finding("docker-client", Status.MISSING, "`docker` was not found", Need.LIVE, _INSTALL)
    chosen = next((each for each in clients if each.can_build_kit), None)
    without = ", ".join(f"{each.path} {each.version}" for each in clients if not each.can_build_kit)
    if chosen is None:
        found = f"no BuildKit, because the buildx plugin is missing: {without}"
        return Finding("docker-client", Status.MISSING, found, Need.LIVE, _BUILDX)
    found = f"{chosen.path} {chosen.version}, with BuildKit"
    if clients[0] is not chosen:
        found += f" (passed over, no BuildKit: {without})"
    return Finding("docker-client", Status.OK, found, Need.LIVE)


def testcontainers(probes: Probes) -> Finding:
    """Check the Python package that starts Postgres and Redis in containers."""
    version = probes.package_version("testcontainers")
    if version is not None:
        return Finding("testcontainers", Status.OK, f"testcontainers {version}", Need.LIVE)
    return Finding(
        "testcontainers",
        Status.MISSING,
        "testcontainers is not installed",
        Need.LIVE,
        Remedy(
            debian="make setup",
            macos="make setup",
            windows='.venv\\Scripts\\pip install -c constraints.txt -e ".[lab]"',
        ),
    )


def _lab_installs(probes: Probes) -> bool:
    """Whether the lab gets an engine by itself: it offers LIVE containers though no engine answers."""
    return any(_is_live_containers(report) for report in probes.facilities())


def _is_live_containers(report: FacilityReport) -> bool:
    return report.facility == "containers" and report.tier is Tier.LIVE


def _missing(refusal: ChaosError, remedy: Remedy) -> Finding:
    found = f"{refusal.what} {' '.join(refusal.evidence.split())}".strip()
    return Finding("docker-engine", Status.MISSING, found, Need.LIVE, remedy)
