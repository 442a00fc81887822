"""The events that matter: a cluster says much, and the one line that explains a failure is among it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chaos_lib.cluster.objects import Json

# Everyday news of a pod that starts or goes; they explain nothing.
_EVERYDAY = {
    "Scheduled", "Pulled", "Pulling", "Created", "Started", "SuccessfulCreate", "SuccessfulDelete", "ScalingReplicaSet",
    "Sandbox", "SandboxChanged", "NodeReady", "TaintManagerEviction",
}  # fmt: skip
# What differs from one repetition to the next: uids, restart numbers, times.
_NOISE = re.compile(
    r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\bcontainer \S+_\S+\(\S+\)|\d+(\.\d+)?(ms|s)\b"
)


@dataclass(frozen=True)
class Event:
    """One event, as often as it came.

    Attributes:
        kind: Kind of the object that it is about: `Pod`.
        name: The object's name.
        reason: The reporter's word for it: `FailedCreate`.
        message: What happened.
        is_warning: Whether it is more than news.
        count: How often.
        last: When it came last, as the server writes it.
    """

    kind: str
    name: str
    reason: str
    message: str
    is_warning: bool
    count: int
    last: str

    @property
    def in_words(self) -> str:
        """One line: `FailedCreate replicaset/web-5d9: … (3 times)`."""
        times = f" ({self.count} times)" if self.count > 1 else ""
        return f"{self.reason} {self.kind.lower()}/{self.name}: {self.message}{times}"


def read(body: Json) -> Event:
    """Return an event from the server's object, in its old form and in its new one (`series`)."""
    about = body.get("involvedObject") or body.get("regarding") or {}
    series = body.get("series") or {}
    last = series.get("lastObservedTime") or body.get("lastTimestamp") or body.get("eventTime") or ""
    return Event(
        kind=str(about.get("kind", "")),
        name=str(about.get("name", "")),
        reason=str(body.get("reason", "")),
        message=str(body.get("message") or body.get("note") or "").strip(),
        is_warning=body.get("type") == "Warning",
        count=int(series.get("count") or body.get("count") or 1),
        last=str(last),
    )


def that_matter(events: Iterable[Event]) -> Sequence[Event]:
    """Return the events that may explain a failure: the latest first, each of a kind once.

    Pods of one workload fail alike: repetitions are added up, whatever pod they are about.
    """
    merged: dict[tuple[str, str, str], Event] = {}
    for event in sorted(events, key=lambda event: event.last):
        is_kill = event.reason == "Killing" and "failed" in event.message
        if event.reason in _EVERYDAY or not (event.is_warning or is_kill):
            continue
        key = (event.kind, event.reason, _NOISE.sub("…", event.message))
        before = merged.pop(key, None)
        count = event.count + (before.count if before else 0)
        merged[key] = Event(
            event.kind, event.name, event.reason, event.message, event.is_warning, count, event.last
        )
    return tuple(reversed(merged.values()))
