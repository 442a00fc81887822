"""The events that matter, out of all that a cluster says."""

from __future__ import annotations

from chaos_lib.cluster import events
from chaos_lib.cluster.events import Event


def event(reason: str, message: str, *, name: str = "web-1", warning: bool = True, last: str = "1") -> Event:
    return Event("Pod", name, reason, message, warning, 1, last)


def test_everyday_news_explains_nothing() -> None:
    assert (
        events.that_matter([event("Pulled", "x", warning=False), event("Scheduled", "x", warning=False)])
        == ()
    )


def test_the_latest_comes_first_and_repetitions_are_added_up() -> None:
    found = events.that_matter(
        [
            event("Unhealthy", "probe failed after 3s", last="1"),
            event("FailedMount", "no volume", last="2"),
            event("Unhealthy", "probe failed after 4s", name="web-2", last="3"),
        ]
    )

    assert [(e.reason, e.count, e.name) for e in found] == [
        ("Unhealthy", 2, "web-2"),
        ("FailedMount", 1, "web-1"),
    ]
    assert found[0].in_words == "Unhealthy pod/web-2: probe failed after 4s (2 times)"


def test_a_kill_by_a_probe_matters_although_it_is_no_warning() -> None:
    kill = event("Killing", "Container web failed liveness probe, will be restarted", warning=False)

    assert events.that_matter([kill, event("Killing", "Stopping container web", warning=False)]) == (kill,)


def test_both_forms_of_events_are_read() -> None:
    about = {"kind": "Pod", "name": "web-1"}
    old = {
        "involvedObject": about,
        "reason": "A",
        "message": " m ",
        "type": "Warning",
        "count": 3,
        "lastTimestamp": "t",
    }
    new = {
        "regarding": about,
        "reason": "A",
        "note": "m",
        "type": "Warning",
        "series": {"count": 3, "lastObservedTime": "t"},
    }

    assert events.read(old) == events.read(new) == Event("Pod", "web-1", "A", "m", True, 3, "t")
