"""Ask one address whether a Docker engine listens there, within a short deadline.

A bare HTTP request instead of docker-py: importing that costs 0.25 s, more than all of a detection may take.
"""

from __future__ import annotations

import errno
import http.client
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, ValidationError

from chaos_lib.errors import EngineUnavailable, PermissionRefused, ToolTooOld

if TYPE_CHECKING:
    import docker

# Docker 20.10 is the first with this API. Source: Docker docs, "Engine API version history".
OLDEST_API = (1, 41)
_DEFAULT_PORT = 2375


class EngineVersion(BaseModel):
    """The engine's answer to `GET /version`, as far as it matters here.

    Attributes:
        version: The engine's version.
        api_version: The newest API it speaks.
    """

    version: str = Field(alias="Version")
    api_version: str = Field(alias="ApiVersion")


@dataclass(frozen=True)
class Address:
    """Where an engine may listen.

    Attributes:
        url: `unix://`, `tcp://`, `npipe://` or `ssh://`.
        certificates: Folder with `ca.pem`, `cert.pem` and `key.pem` for TLS, or None.
    """

    url: str
    certificates: Path | None = None

    def connect(self, *, timeout_s: float, api_version: str | None = None) -> docker.DockerClient:
        """Open a docker-py client; the caller closes it.

        Args:
            timeout_s: Longest silence of the engine, in seconds.
            api_version: The API to speak; the engine is asked for its own when None, with one more request.
        """
        import docker  # 0.25 s: only those who need it pay for it
        from docker.tls import TLSConfig

        tls: TLSConfig | bool = False
        if self.certificates is not None:
            folder = self.certificates
            tls = TLSConfig(
                client_cert=(str(folder / "cert.pem"), str(folder / "key.pem")),
                ca_cert=str(folder / "ca.pem"),
                verify=True,
            )
        return docker.DockerClient(
            base_url=self.url, version=api_version, tls=tls, timeout=int(max(1, timeout_s))
        )


def ask_version(address: Address, *, timeout_s: float) -> EngineVersion:
    """Ask for the engine's version.

    Raises:
        EngineUnavailable: Nothing answers there in time, or it is no Docker engine.
        PermissionRefused: The socket is there, but not for this user.
        ToolTooOld: It is older than Docker 20.10.
    """
    parts = urlsplit(address.url)
    if parts.scheme in ("unix", "tcp") and address.certificates is None:
        text = _get(address, "/version", timeout_s)
    else:
        text = _get_by_library(address, timeout_s)
    try:
        answer = EngineVersion.model_validate_json(text)
        api = tuple(int(part) for part in answer.api_version.split("."))
    except (ValidationError, ValueError) as exc:
        raise EngineUnavailable(
            f"What listens at {address.url} is no Docker engine.",
            evidence=text[:200],
            fix="Point DOCKER_HOST at a Docker engine, or unset it.",
        ) from exc
    if api < OLDEST_API:
        raise ToolTooOld(
            f"The Docker engine at {address.url} is too old: the lab needs 20.10 or newer.",
            evidence=f"version {answer.version}, API {answer.api_version}",
            fix="Update Docker (Debian and Ubuntu: `sudo apt-get install docker.io`), then try again.",
        )
    return answer


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout_s: float) -> None:
        super().__init__("localhost", timeout=timeout_s)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        try:
            self.sock.connect(self._path)
        except OSError:
            self.sock.close()
            raise


def _get(address: Address, path: str, timeout_s: float) -> str:
    parts = urlsplit(address.url)
    connection = (
        _UnixConnection(parts.path, timeout_s)
        if parts.scheme == "unix"
        else http.client.HTTPConnection(
            parts.hostname or "localhost", parts.port or _DEFAULT_PORT, timeout=timeout_s
        )
    )
    try:
        connection.request("GET", path)
        return connection.getresponse().read(1_000_000).decode("utf-8", "replace")
    except PermissionError as exc:
        raise PermissionRefused(
            f"A Docker engine listens at {address.url}, but this user may not speak to it.",
            evidence=f"{errno.errorcode.get(exc.errno or 0, '')}: {exc.strerror}",
            fix="Add yourself to the group that owns the socket (`sudo usermod -aG docker $USER`), then sign "
            "out and in again (`newgrp docker` for this terminal only).",
        ) from exc
    except (OSError, http.client.HTTPException) as exc:
        raise _silent(address, timeout_s, exc) from exc
    finally:
        connection.close()


def _get_by_library(address: Address, timeout_s: float) -> str:
    from docker.errors import DockerException

    try:
        client = address.connect(timeout_s=timeout_s)
        try:
            answer = client.version()
        finally:
            client.close()
        return EngineVersion.model_validate(answer).model_dump_json(by_alias=True)
    except (DockerException, OSError, ValidationError) as exc:
        raise _silent(address, timeout_s, exc) from exc


def _silent(address: Address, timeout_s: float, exc: Exception) -> EngineUnavailable:
    if isinstance(exc, TimeoutError):
        how = f"did not answer within {timeout_s:.0f} s"
    elif isinstance(exc, FileNotFoundError):
        how = "does not exist"
    else:
        how = "does not answer"
    return EngineUnavailable(
        f"{address.url} {how}.", evidence=str(exc), fix="Start that engine, or unset what points to it."
    )
