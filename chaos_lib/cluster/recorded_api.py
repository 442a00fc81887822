"""A model of a namespace, tier SIMULATED: it keeps objects and plays back what a real cluster was seen to do.

No node, no controller, nothing runs. What a rollout looks like comes from frames: after each write of a Deployment the next
looks show one frame after the other, and the last one stays.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chaos_lib.cluster.api import Deed, HttpAnswer
from chaos_lib.cluster.objects import Json, Key, key_of, labels_of
from chaos_lib.errors import ClusterRefused
from chaos_lib.settings import Tier


@dataclass(frozen=True)
class Frame:
    """What the cluster shows at one look.

    Attributes:
        objects: Objects that are there beside those that were written. Of a Deployment the frame's is shown: what becomes
            of it is what was recorded.
        logs: Log texts, `pod/container` to text.
    """

    objects: tuple[Json, ...] = ()
    logs: Mapping[str, str] = field(default_factory=dict)


class RecordedApi:
    """Keeps objects as an API server does, and plays frames.

    Args:
        objects: What is there at the beginning.
        frames: Shown one after the other, one a look at a Deployment; the last one stays.
        namespace: The namespace.
        version: What it says of itself.
        refuses: Kinds that are refused when they are written, kind to the server's message.
        allowed: What accounts may do, `account verb resource`; everything when None.
        answers: What services say, `service path` to answer; 200 and nothing when not listed.

    Attributes:
        tier: Always SIMULATED; shown beside every result.
        writes: Every write, verb and address, in order.
    """

    tier = Tier.SIMULATED

    def __init__(
        self,
        objects: Sequence[Json] = (),
        frames: Sequence[Frame] = (),
        *,
        namespace: str = "mission-control",
        version: str = "1.20",
        refuses: Mapping[str, str] | None = None,
        allowed: frozenset[str] | None = None,
        answers: Mapping[str, HttpAnswer] | None = None,
    ) -> None:
        self.namespace = namespace
        self.writes: list[tuple[str, Key]] = []
        self._objects: dict[Key, dict[str, Any]] = {}
        self._frames = list(frames)
        self._shown = Frame()
        self._version, self._allowed = version, allowed
        self._refuses, self._answers = dict(refuses or {}), dict(answers or {})
        self._numbers = itertools.count(1)
        for body in objects:
            self._keep(body)

    def read(self, key: Key) -> Json | None:
        """Return an object, or None when there is none."""
        if key.kind == "Deployment" and self._frames:
            self._shown = self._frames.pop(0)
        return copy.deepcopy(self._all().get(key))

    def list(self, api_version: str, kind: str, labels: Mapping[str, str] | None = None) -> Sequence[Json]:
        """Return the objects of a kind that carry these labels."""
        wanted = dict(labels or {}).items()
        return [
            copy.deepcopy(body)
            for key, body in self._all().items()
            if (key.api_version, key.kind) == (api_version, kind) and wanted <= dict(labels_of(body)).items()
        ]

    def apply(self, body: Json, *, is_dry_run: bool = False) -> Json:
        """Keep an object's fields; others that it has stay."""
        return self._write("apply", body, is_dry_run=is_dry_run)

    def replace(self, body: Json, *, is_dry_run: bool = False) -> Json:
        """Keep an object as it is given."""
        return self._write("replace", body, is_dry_run=is_dry_run)

    def delete(self, key: Key, *, grace_s: int | None = None) -> None:  # noqa: ARG002
        """Forget an object; nothing happens when there is none."""
        if self._objects.pop(key, None) is not None:
            self.writes.append(("delete", key))

    def logs(self, pod: str, container: str, *, is_previous: bool = False, lines: int = 20) -> str:  # noqa: ARG002
        """Return what was recorded."""
        return self._shown.logs.get(f"{pod}/{container}", "")

    def can(self, account: str, deed: Deed) -> bool:
        """Whether the recording allows it."""
        return self._allowed is None or f"{account} {deed.in_words}" in self._allowed

    def get(self, service: str, path: str) -> HttpAnswer:
        """Return what was recorded."""
        return self._answers.get(f"{service} {path}", HttpAnswer(200, ""))

    def version(self) -> str:
        """Return what it was told to say."""
        return self._version

    def has(self, api_version: str, kind: str) -> bool:  # noqa: ARG002
        """It knows every kind that its release serves; only policy/v1 is modelled."""
        return api_version != "policy/v1" or self._version != "1.20"

    def _write(self, verb: str, body: Json, *, is_dry_run: bool) -> Json:
        key = key_of(body)
        if key.kind in self._refuses:
            raise ClusterRefused(
                f"The cluster refused: {verb} {key.in_words}.",
                evidence=self._refuses[key.kind],
                fix="Read the evidence: it names the field or the right that is missing.",
                reason="Invalid",
            )
        if is_dry_run:
            return copy.deepcopy(body)
        self.writes.append((verb, key))
        return copy.deepcopy(self._keep(body))

    def _keep(self, body: Json) -> dict[str, Any]:
        key, kept = key_of(body), copy.deepcopy(dict(body))
        old = self._objects.get(key) or {"metadata": {}}
        number = next(self._numbers)
        own = {"namespace": self.namespace, "uid": old["metadata"].get("uid", f"uid-{number}")}
        kept["metadata"] = {**own, **kept["metadata"], "resourceVersion": str(number)}
        self._objects[key] = kept
        return kept

    def _all(self) -> dict[Key, dict[str, Any]]:
        shown = {key_of(body): dict(body) for body in self._shown.objects}
        own = {
            key: body for key, body in self._objects.items() if key.kind != "Deployment" or key not in shown
        }
        return {**shown, **own}
