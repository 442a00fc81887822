"""Find the Docker engine that answers, without changing anything."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chaos_lib.errors import ChaosError, EngineUnavailable, PermissionRefused, ToolTooOld
from chaos_lib.lab.engine_ping import Address, ask_version

if TYPE_CHECKING:
    import docker

PING_TIMEOUT_S = 2.0


@dataclass(frozen=True)
class Engine:
    """A Docker engine that answered.

    Attributes:
        address: Where it listens.
        version: Its own version: "20.10.24+dfsg1".
        api_version: The newest API it speaks: "1.41".
        found_by: How it was found: "DOCKER_HOST", "the context `desktop-linux`", "the lab's own engine".
        is_own: Whether the lab started it.
    """

    address: Address
    version: str
    api_version: str
    found_by: str
    is_own: bool = False

    @property
    def url(self) -> str:
        """The value for `DOCKER_HOST`."""
        return self.address.url

    def connect(self, *, timeout_s: float = 60.0) -> docker.DockerClient:
        """Open a docker-py client; the caller closes it.

        Args:
            timeout_s: Longest silence of the engine, in seconds.
        """
        return self.address.connect(timeout_s=timeout_s, api_version=self.api_version)


@dataclass(frozen=True)
class Candidate:
    """A place where an engine may listen.

    Attributes:
        address: The place.
        found_by: Who named it.
    """

    address: Address
    found_by: str


@dataclass(frozen=True)
class EngineSearch:
    """What a search found.

    Attributes:
        engine: The first that answered, or None.
        refusals: Why the others did not, in the order asked.
    """

    engine: Engine | None
    refusals: tuple[ChaosError, ...]

    def require(self) -> Engine:
        """Return the engine, or raise the refusal that tells most.

        Raises:
            PermissionRefused: An engine is there, but not for this user.
            ToolTooOld: An engine is there, older than 20.10.
            EngineUnavailable: Nothing answers.
        """
        if self.engine is not None:
            return self.engine
        for kind in (PermissionRefused, ToolTooOld):
            for refusal in self.refusals:
                if isinstance(refusal, kind):
                    raise refusal
        raise EngineUnavailable(
            "No Docker engine answers on this machine.",
            evidence="\n".join(refusal.what for refusal in self.refusals),
            fix=start_hint(),
        )


def candidates(environment: Mapping[str, str], own_socket: Path) -> Sequence[Candidate]:
    """List the places to ask, best first: `DOCKER_HOST`, the context, default sockets, the lab's own."""
    found: list[Candidate] = []
    own_url = f"unix://{own_socket}"
    host = environment.get("DOCKER_HOST")
    if host and host != own_url:
        verify = environment.get("DOCKER_TLS_VERIFY")
        certificates = environment.get("DOCKER_CERT_PATH") or str(Path.home() / ".docker")
        found.append(Candidate(Address(host, Path(certificates) if verify else None), "DOCKER_HOST"))
    context = _context(environment)
    if context is not None and context.address.url != own_url:
        found.append(context)
    if platform.system() == "Windows":
        found.append(Candidate(Address("npipe:////./pipe/docker_engine"), "the default pipe"))
    else:
        runtime = environment.get("XDG_RUNTIME_DIR")
        sockets = [Path("/var/run/docker.sock"), Path.home() / ".docker/run/docker.sock"]
        if runtime:
            sockets.append(Path(runtime) / "docker.sock")
        found += [Candidate(Address(f"unix://{path}"), "the default socket") for path in sockets]
    found.append(Candidate(Address(own_url), "the lab's own engine"))
    return tuple(found)


def find_engine(places: Sequence[Candidate], *, timeout_s: float = PING_TIMEOUT_S) -> EngineSearch:
    """Ask each place until one answers.

    Args:
        places: From `candidates`; the last one is the lab's own.
        timeout_s: Longest wait for each, in seconds.
    """
    refusals: list[ChaosError] = []
    for place in places:
        try:
            version = ask_version(place.address, timeout_s=timeout_s)
        except ChaosError as refusal:
            refusals.append(refusal)
            continue
        engine = Engine(
            address=place.address,
            version=version.version,
            api_version=version.api_version,
            found_by=place.found_by,
            is_own=place is places[-1],
        )
        return EngineSearch(engine, tuple(refusals))
    return EngineSearch(None, tuple(refusals))


def start_hint(system: str | None = None) -> str:
    """Return how to get a running engine on this system.

    Args:
        system: `Linux`, `Darwin` or `Windows`; this machine's when None.
    """
    name = system or platform.system()
    if name == "Darwin":
        return "Start Docker Desktop (`open -a Docker`) or `colima start`; to install: `brew install --cask docker`."
    if name == "Windows":
        return (
            "Start Docker Desktop; to install: `winget install Docker.DockerDesktop`, then sign out and in."
        )
    return (
        "`sudo apt-get install docker.io && sudo systemctl start docker`, then `sudo usermod -aG docker $USER` "
        "and sign in again. As root on Debian `opchaos up` does it all by itself."
    )


def _context(environment: Mapping[str, str]) -> Candidate | None:
    """Read the Docker CLI's current context; a context that cannot be read is no context."""
    folder = Path(environment.get("DOCKER_CONFIG") or Path.home() / ".docker")
    try:
        name = environment.get("DOCKER_CONTEXT") or json.loads(
            (folder / "config.json").read_text("utf-8")
        ).get("currentContext")
        if not name or name == "default":
            return None
        # The CLI keeps a context in a folder called by the hash of its name.
        digest = hashlib.sha256(str(name).encode()).hexdigest()
        meta = json.loads((folder / "contexts" / "meta" / digest / "meta.json").read_text("utf-8"))
        host = str(meta["Endpoints"]["docker"]["Host"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    tls = folder / "contexts" / "tls" / digest / "docker"
    return Candidate(Address(host, tls if tls.is_dir() else None), f"the context `{name}`")


def default_environment() -> Mapping[str, str]:
    """Return this process's environment, read at the time of the call."""
    return dict(os.environ)
