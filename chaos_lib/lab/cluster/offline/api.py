"""The few questions that the lab itself puts to its API server; small enough for a process that always runs."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chaos_lib.errors import LabError
from chaos_lib.lab.cluster.offline.authority import Pair

_SILENCE_S = 5.0


@dataclass(frozen=True)
class Api:
    """A server of the cluster.

    Attributes:
        host: Its address.
        port: Its port.
        authority: The certificate that must have signed its own; None for plain HTTP.
        client: Who asks; None for plain HTTP.
    """

    host: str
    port: int
    authority: Pair | None = None
    client: Pair | None = None

    @property
    def url(self) -> str:
        """Its address as kubeconfigs name it."""
        scheme = "http" if self.authority is None else "https"
        return f"{scheme}://{self.host}:{self.port}"

    def get(self, path: str, *, timeout_s: float = _SILENCE_S) -> Any:
        """Return the JSON that a path gives.

        Raises:
            LabError: It does not answer, or not with 200.
        """
        return json.loads(self.text(path, timeout_s=timeout_s))

    def text(self, path: str, *, timeout_s: float = _SILENCE_S) -> str:
        """Return what a path gives, as text; raises LabError as `get`."""
        return self._ask("GET", path, timeout_s=timeout_s)

    def patch(self, path: str, change: Mapping[str, Any]) -> None:
        """Change an object by a strategic merge patch; raises LabError as `get`."""
        headers = {"Content-Type": "application/strategic-merge-patch+json"}
        self._ask("PATCH", path, timeout_s=_SILENCE_S, body=json.dumps(change), headers=headers)

    def is_well(self, path: str = "/healthz", *, timeout_s: float = 2.0) -> bool:
        """Whether a health path answers with 200 in time."""
        try:
            self.text(path, timeout_s=timeout_s)
        except LabError:
            return False
        return True

    def watch(self, path: str, *, timeout_s: float) -> Iterator[dict[str, Any]]:
        """Yield the events of a watch until the server ends it, or says nothing for `timeout_s`."""
        connection = self._connect(timeout_s)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            if response.status != http.client.OK:
                return
            for line in response:
                if line.strip():
                    yield json.loads(line)
        except (OSError, http.client.HTTPException, ValueError):
            return
        finally:
            connection.close()

    def _ask(
        self,
        method: str,
        path: str,
        *,
        timeout_s: float,
        body: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> str:
        try:
            connection = self._connect(timeout_s)
            try:
                connection.request(method, path, body=body, headers=dict(headers or {}))
                response = connection.getresponse()
                answer = response.read().decode("utf-8", "replace")
            finally:
                connection.close()
        except (OSError, http.client.HTTPException) as exc:
            raise LabError(
                f"{self.url} does not answer.",
                evidence=f"{type(exc).__name__}: {exc}",
                fix="`opchaos up --cluster` starts it again.",
            ) from exc
        if response.status != http.client.OK:
            raise LabError(f"{self.url}{path} answers {response.status}.", evidence=answer[-600:])
        return answer

    def _connect(self, timeout_s: float) -> http.client.HTTPConnection:
        if self.authority is None or self.client is None:
            return http.client.HTTPConnection(self.host, self.port, timeout=timeout_s)
        context = ssl.create_default_context(cafile=str(self.authority.certificate))
        context.load_cert_chain(str(self.client.certificate), str(self.client.key))
        return http.client.HTTPSConnection(self.host, self.port, context=context, timeout=timeout_s)
