"""What we need of a cluster's API server; the real provider is `kubernetes_api`, the fake `recorded_api`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from chaos_lib.cluster.objects import Json, Key
from chaos_lib.settings import Tier


@dataclass(frozen=True)
class Deed:
    """Something that an account may or may not do.

    Attributes:
        verb: `get`, `create`, `patch`, …
        group: The API group; empty for the core.
        resource: In the plural: `deployments`.
        subresource: Such as `log`; empty for none.
    """

    verb: str
    group: str
    resource: str
    subresource: str = ""

    @property
    def in_words(self) -> str:
        """As `kubectl auth can-i` takes it: `patch deployments.apps`."""
        full = f"{self.resource}.{self.group}" if self.group else self.resource
        return f"{self.verb} {full}" + (f" --subresource={self.subresource}" if self.subresource else "")


@dataclass(frozen=True)
class HttpAnswer:
    """What a service said.

    Attributes:
        status: HTTP status; 0 when nobody answered.
        body: The text, or why nobody answered.
    """

    status: int
    body: str


class ClusterApi(Protocol):
    """One namespace of one cluster.

    Every method raises ClusterUnavailable when the API server does not answer, and ClusterRefused when it says no.

    Attributes:
        tier: How real it is.
        namespace: Where everything happens.
    """

    tier: Tier
    namespace: str

    def read(self, key: Key) -> Json | None:
        """Return an object, or None when there is none."""
        ...

    def list(self, api_version: str, kind: str, labels: Mapping[str, str] | None = None) -> Sequence[Json]:
        """Return the namespace's objects of a kind that carry these labels."""
        ...

    def apply(self, body: Json, *, is_dry_run: bool = False) -> Json:
        """Apply an object on the server's side, and return what it is now.

        Args:
            body: Only the fields that are wished.
            is_dry_run: Whether the server only says what it would do: defaults, admission and validation included.
        """
        ...

    def replace(self, body: Json, *, is_dry_run: bool = False) -> Json:
        """Create an object, or replace it as a whole; what is not in `body` goes."""
        ...

    def delete(self, key: Key, *, grace_s: int | None = None) -> None:
        """Delete an object and return when it is gone; nothing happens when there is none.

        Args:
            key: The object.
            grace_s: Seconds that a pod gets to end by itself; 0 kills it, None leaves it to the pod.
        """
        ...

    def logs(self, pod: str, container: str, *, is_previous: bool = False, lines: int = 20) -> str:
        """Return the last lines of a container's log, or of the container that ran before it; empty when there is none."""
        ...

    def can(self, account: str, deed: Deed) -> bool:
        """Whether a service account of the namespace may do it."""
        ...

    def get(self, service: str, path: str) -> HttpAnswer:
        """Ask a Service over HTTP, through the API server; the first port of it."""
        ...

    def version(self) -> str:
        """Return the server's version, such as `1.20`."""
        ...

    def has(self, api_version: str, kind: str) -> bool:
        """Whether the server knows a kind."""
        ...
