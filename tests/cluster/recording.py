"""Recordings of a real cluster (Kubernetes 1.20.2), and how they are played.

Made by `record(api, name)` while a rollout went wrong: what a look at the Deployment saw at that moment. Left out is what no test
needs, such as who manages which field.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from chaos_lib.cluster.api import ClusterApi
from chaos_lib.cluster.objects import Key, is_owned_by, name_of
from chaos_lib.cluster.recorded_api import Frame, RecordedApi
from chaos_lib.cluster.workload import revision_of

FOLDER = Path(__file__).parent / "recordings"
NAME = "mission-control-blue"


def record(api: ClusterApi, name: str = NAME) -> dict[str, Any]:
    """Return what the cluster shows of a Deployment now: its newest two replica sets, the pods and events of the newest."""
    deployment = api.read(Key("apps/v1", "Deployment", name))
    assert deployment is not None
    sets = [body for body in api.list("apps/v1", "ReplicaSet") if is_owned_by(body, deployment)]
    sets = sorted(sets, key=revision_of)[-2:]
    pods = [pod for pod in api.list("v1", "Pod") if sets and is_owned_by(pod, sets[-1])][:3]
    about = {name, *(name_of(body) for body in (*sets[-1:], *pods))}
    events = [body for body in api.list("v1", "Event") if body["involvedObject"]["name"] in about]
    events = sorted(events, key=lambda body: str(body.get("lastTimestamp")))[-8:]
    services = [body for body in api.list("v1", "Service") if name_of(body) in (name, "mission-control")]
    endpoints = [api.read(Key("v1", "Endpoints", name_of(body))) for body in services]
    logs = {}
    for pod in pods:
        for status in pod["status"].get("containerStatuses") or ():
            text = api.logs(name_of(pod), status["name"], is_previous=bool(status.get("lastState")))
            logs[f"{name_of(pod)}/{status['name']}"] = text
    found = [deployment, *sets, *pods, *events, *services, *endpoints]
    return {"objects": [_plain(body) for body in found if body is not None], "logs": logs}


def save(case: str, frames: list[dict[str, Any]]) -> None:
    """Write a recording."""
    (FOLDER / f"{case}.json").write_text(
        json.dumps(frames, indent=0, sort_keys=True) + "\n", encoding="utf-8"
    )


def frames(case: str) -> list[Frame]:
    """Return a recording's frames."""
    found = json.loads((FOLDER / f"{case}.json").read_text(encoding="utf-8"))
    return [Frame(tuple(frame["objects"]), frame["logs"]) for frame in found]


def played(*cases: str, **options: Any) -> RecordedApi:
    """Return a cluster that plays recordings one after the other."""
    return RecordedApi(frames=[frame for case in cases for frame in frames(case)], **options)


def _plain(body: Any) -> Any:
    copied = json.loads(json.dumps(body))
    copied["metadata"].pop("managedFields", None)
    (copied["metadata"].get("annotations") or {}).pop("io.opchaos/applied", None)
    if copied["kind"] == "Pod":
        copied["spec"] = {}
    return copied
