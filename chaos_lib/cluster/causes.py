"""The causes that can be told from what a cluster shows; each finder knows one, and says None when it is another.

A cause is matched by container states and events together: states flap (ErrImagePull, then ImagePullBackOff), events repeat.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from chaos_lib.cluster.diagnosis import Cause, Diagnosis
from chaos_lib.cluster.events import Event
from chaos_lib.cluster.kubectl import KUBECTL
from chaos_lib.cluster.objects import Json, containers_of, name_of
from chaos_lib.cluster.workload import Workload

_PULL = ("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable")
_CONFIG = ("CreateContainerConfigError", "CreateContainerError", "RunContainerError")
# A busy kubelet has not read the Secret yet, or not got an answer from the engine: it tries again by itself.
_PASSING = re.compile(
    r"failed to sync \w+ cache|timed out waiting for the condition|context deadline exceeded", re.IGNORECASE
)
# A restart or two may be a database that is not there yet; from then on it is a loop.
_LOOP_FROM = 2
# A path that is not there, a method that is not allowed: no waiting makes them right.
_WRONG_PATH = re.compile(r"statuscode: 40[0-5]")
_REFUSED = re.compile(r"connection refused|actively refused", re.IGNORECASE)


@dataclass(frozen=True)
class _Container:
    pod: str
    name: str
    status: Json

    @property
    def waiting(self) -> Json:
        return (self.status.get("state") or {}).get("waiting") or {}

    @property
    def ends(self) -> Sequence[Json]:
        """How it ended, the latest first."""
        states = (self.status.get("state") or {}, self.status.get("lastState") or {})
        return [state["terminated"] for state in states if state.get("terminated")]

    @property
    def restarts(self) -> int:
        return int(self.status.get("restartCount") or 0)

    @property
    def has_started(self) -> bool:
        """Whether its startup probe has passed (or it has none and runs)."""
        return bool(self.status.get("started", (self.status.get("state") or {}).get("running")))


def image_pull(workload: Workload) -> Diagnosis | None:
    """The image cannot be had."""
    for container in _containers(workload):
        if container.waiting.get("reason") in _PULL:
            image = container.status.get("image") or _image(workload, container.name)
            event = _event(workload, "Failed", r"pull|image") or _event(workload, "InspectFailed", "")
            said = event.in_words if event else ""
            return Diagnosis(
                Cause.IMAGE_PULL,
                f"The image `{image}` cannot be had: the node has no such image, and no registry gave it one. So the "
                "pod never starts; the version before goes on serving. Mostly the name or the tag is mistyped, was never "
                "built or never pushed, or the node may not pull it.",
                _lines(f"{container.waiting['reason']}: {container.waiting.get('message', '')}", said),
                f"{KUBECTL} describe pod {container.pod}",
                is_final=True,
            )
    return None


def out_of_memory(workload: Workload) -> Diagnosis | None:
    """The container needs more memory than its limit allows."""
    for container in _containers(workload):
        end = next((end for end in container.ends if end.get("reason") == "OOMKilled"), None)
        if end is not None:
            limit = _limit(workload, container.name)
            return Diagnosis(
                Cause.OUT_OF_MEMORY,
                f"The container `{container.name}` needs more memory than its limit{limit} allows: the kernel killed it "
                f"(OOMKilled, exit code {end.get('exitCode', 137)}). The program itself gets no chance to say a word, "
                "so its log just stops. Measure what it needs, and set the limit well above that.",
                f"lastState.terminated: reason OOMKilled, exit code {end.get('exitCode', 137)}, "
                f"{container.restarts} restarts, limit{limit or ' none'}",
                f"{KUBECTL} get pod {container.pod} -o jsonpath='{{.status.containerStatuses[*].lastState.terminated}}'",
                is_final=True,
            )
    return None


def liveness(workload: Workload) -> Diagnosis | None:
    """The liveness probe kills a container that would have come up."""
    return _killed_by(
        workload,
        "liveness",
        Cause.LIVENESS,
        "The liveness probe gave up before the program was ready to answer, so the kubelet kills it and starts it "
        "again, and it never gets far enough: a restart loop that the probe itself makes. A liveness probe is for "
        "programs that are stuck; let a startup probe wait for the slow start.",
    )


def startup(workload: Workload) -> Diagnosis | None:
    """The startup probe runs out of patience, or asks the wrong thing."""
    return _killed_by(
        workload,
        "startup",
        Cause.STARTUP,
        "The startup probe never got its answer, so the kubelet kills the container and starts it again. Either it asks "
        "the wrong path or port, or failureThreshold times periodSeconds is shorter than the start takes.",
    )


def config(workload: Workload) -> Diagnosis | None:
    """Something that the pod refers to is not there."""
    for container in _containers(workload):
        said = str(container.waiting.get("message", ""))
        if container.waiting.get("reason") in _CONFIG and not _PASSING.search(said):
            return Diagnosis(
                Cause.CONFIG,
                f"The container `{container.name}` cannot be made, because what its description refers to is not there: "
                f"{said or 'see the events'}. The name or the key in the manifest and the one in the cluster differ.",
                f"{container.waiting['reason']}: {said}",
                f"{KUBECTL} describe pod {container.pod}",
                is_final=True,
            )
    event = _event(workload, "FailedMount", r"not found|references non-existent") or _event(
        workload, "FailedCreate", r"serviceaccount .* not found"
    )
    if event is None:
        return None
    return Diagnosis(
        Cause.CONFIG,
        f"The pod cannot start, because what it refers to is not there: {event.message}.",
        event.in_words,
        f"{KUBECTL} describe {event.kind.lower()} {event.name}",
        is_final=True,
    )


def crash_loop(workload: Workload) -> Diagnosis | None:
    """The program ends again and again."""
    for container in _containers(workload):
        is_backing_off = container.waiting.get("reason") == "CrashLoopBackOff"
        if not (is_backing_off or container.restarts >= _LOOP_FROM) or not container.ends:
            continue
        end = container.ends[0]
        words = workload.last_words.get(f"{container.pod}/{container.name}", "").strip()
        last = words.splitlines()[-1] if words else "nothing at all"
        return Diagnosis(
            Cause.CRASH_LOOP,
            f"The program in `{container.name}` starts and ends at once, again and again (restarted {_times(container.restarts)} so "
            f"far; CrashLoopBackOff is the growing pause between two tries). It ended with exit code {end.get('exitCode')}, and its last words "
            f"were: {last} The log of the container that ran before tells why.",
            _lines(f"exit code {end.get('exitCode')}, reason {end.get('reason')}", words),
            f"{KUBECTL} logs {container.pod} -c {container.name} --previous",
            is_final=True,
        )
    return None


def quota(workload: Workload) -> Diagnosis | None:
    """The namespace may not have that many, or that big, pods."""
    pattern = r"exceeded quota|must specify (limits|requests)|maximum .* usage per|minimum .* usage per"
    said = _refusal(workload, pattern)
    if said is None:
        return None
    return Diagnosis(
        Cause.QUOTA,
        "The namespace's quota or limit range does not allow another pod like this one, so the replica set cannot make "
        "it: there is no pod to look at, and that is why `kubectl get pods` shows nothing wrong. Ask for less, have fewer "
        "replicas, or have the quota raised.",
        said,
        f"{KUBECTL} describe replicaset -l {_selector(workload)}; {KUBECTL} describe quota",
        is_final=True,
    )


def rbac(workload: Workload) -> Diagnosis | None:
    """Somebody may not do what is needed."""
    said = _refusal(workload, r"is forbidden|violates PodSecurity|cannot \w+ resource")
    words = next(
        (
            text
            for text in workload.last_words.values()
            if re.search(r'"?code"?: ?403|is forbidden: User', text)
        ),
        "",
    )
    if said is None and not words:
        return None
    return Diagnosis(
        Cause.RBAC,
        "An account may not do what it tries to do (403 Forbidden): the cluster knows who asks, and no role allows it. "
        "Find out which account asks for what, then give it exactly that right.",
        said or words,
        f"{KUBECTL} get rolebindings -o wide; {KUBECTL} describe roles",
        is_final=True,
    )


def refused(workload: Workload) -> Diagnosis | None:
    """The API server refuses the pod for another reason."""
    condition = workload.condition("ReplicaFailure")
    if condition.get("status") != "True":
        return None
    event = _event(workload, "FailedCreate", "")
    return Diagnosis(
        Cause.REFUSED,
        "The API server took the Deployment and refuses its pods, so there is no pod to look at: what is wrong stands in the "
        "pod template, and shows in the replica set's events alone.",
        event.in_words if event else f"{condition.get('reason')}: {condition.get('message')}",
        f"{KUBECTL} describe replicaset -l {_selector(workload)}",
        is_final=True,
    )


def scheduling(workload: Workload) -> Diagnosis | None:
    """No node has room, or none is wanted."""
    for pod in workload.pods:
        for condition in (pod.get("status") or {}).get("conditions") or ():
            if condition.get("type") == "PodScheduled" and condition.get("reason") == "Unschedulable":
                return Diagnosis(
                    Cause.SCHEDULING,
                    "The pod is Pending: no node fits. Its requests are larger than what is free on any node, or its "
                    "selectors and tolerations rule every node out. A request is a reservation, used or not.",
                    str(condition.get("message", "")),
                    f"{KUBECTL} describe pod {name_of(pod)}",
                    is_final=True,
                )
    return None


def readiness(workload: Workload) -> Diagnosis | None:
    """The readiness probe says no."""
    waiting = {c.pod for c in _containers(workload) if c.has_started and not c.status.get("ready")}
    for event in workload.events:
        found = re.search(r"Readiness probe (failed|errored): (?P<answer>.*)", event.message, re.DOTALL)
        if event.reason != "Unhealthy" or found is None or event.name not in waiting:
            continue
        probe = _probe(workload, "readinessProbe")
        is_path_wrong = bool(_WRONG_PATH.search(event.message))
        is_port_wrong = bool(_REFUSED.search(event.message))
        why = (
            "The service answers, but it does not know that path: the probe is misaimed."
            if is_path_wrong
            else "Nobody listens on that port: the probe is misaimed, or the program listens elsewhere."
            if is_port_wrong
            else "The service itself says that it is not ready; ask it why."
        )
        return Diagnosis(
            Cause.READINESS,
            f"The container runs, but its readiness probe ({probe}) fails, so it gets no requests and the rollout hangs "
            f"(Running, 0/1). {why}",
            event.in_words,
            f"{KUBECTL} describe pod {event.name}",
            is_final=is_path_wrong or (is_port_wrong and event.count >= 3),
        )
    return None


def selector(workload: Workload) -> Diagnosis | None:
    """The pods are well, but the Service leads nowhere."""
    if not workload.is_complete or workload.counts.wanted == 0:
        return None
    empty = sorted(name for name, ready in workload.endpoints.items() if ready == 0)
    if not empty:
        return None
    return Diagnosis(
        Cause.SELECTOR,
        f"The pods are ready, but the Service `{empty[0]}` leads to none of them: its selector does not match their "
        "labels, so it has no endpoints and every request is refused. Compare the two, letter by letter.",
        f"endpoints of {', '.join(empty)}: none; the pods' labels: {_selector(workload)}",
        f"{KUBECTL} get endpoints {empty[0]}; {KUBECTL} get pods --show-labels",
        is_final=True,
    )


CAUSES: Sequence[Callable[[Workload], Diagnosis | None]] = (
    image_pull, config, out_of_memory, liveness, startup, crash_loop, quota, rbac, refused, scheduling, readiness, selector,
)  # fmt: skip


def _containers(workload: Workload) -> Iterator[_Container]:
    for pod in workload.pods:
        if pod["metadata"].get("deletionTimestamp"):
            continue
        status = pod.get("status") or {}
        for each in (*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())):
            yield _Container(name_of(pod), str(each.get("name", "")), each)


def _killed_by(workload: Workload, probe: str, cause: Cause, words: str) -> Diagnosis | None:
    kill = _event(workload, "Killing", rf"failed {probe} probe")
    if kill is None:
        return None
    failed = _event(workload, "Unhealthy", rf"(?i){probe} probe")
    return Diagnosis(
        cause,
        f"{words} The probe: {_probe(workload, f'{probe}Probe')}.",
        _lines(kill.in_words, failed.in_words if failed else ""),
        f"{KUBECTL} describe pod {kill.name}",
        is_final=True,
    )


def _event(workload: Workload, reason: str, pattern: str) -> Event | None:
    return next((e for e in workload.events if e.reason == reason and re.search(pattern, e.message)), None)


def _refusal(workload: Workload, pattern: str) -> str | None:
    """Return why no pod could be made, from the event or, when it has been lost, from the Deployment's condition."""
    condition = workload.condition("ReplicaFailure")
    if condition.get("status") != "True":
        return None
    event = _event(workload, "FailedCreate", pattern)
    if event is not None:
        return event.in_words
    message = str(condition.get("message", ""))
    return f"{condition.get('reason')}: {message}" if re.search(pattern, message) else None


def _described(workload: Workload, container: str) -> Json:
    found = (each for each in containers_of(workload.deployment) if each.get("name") == container)
    return next(found, {})


def _image(workload: Workload, container: str) -> str:
    return str(_described(workload, container).get("image", ""))


def _limit(workload: Workload, container: str) -> str:
    limit = ((_described(workload, container).get("resources") or {}).get("limits") or {}).get("memory")
    return f" of {limit}" if limit else ""


def _probe(workload: Workload, kind: str) -> str:
    for container in containers_of(workload.deployment):
        probe = container.get(kind)
        if probe:
            http = probe.get("httpGet") or {}
            what = f"GET {http.get('path')} on port {http.get('port')}" if http else "no HTTP"
            return f"{what}, every {probe.get('periodSeconds', 10)} s, gives up after {probe.get('failureThreshold', 3)}"
    return "none"


def _selector(workload: Workload) -> str:
    labels = (workload.deployment["spec"].get("selector") or {}).get("matchLabels") or {}
    return ",".join(f"{name}={value}" for name, value in labels.items())


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _lines(*lines: str) -> str:
    return "\n".join(line for line in lines if line.strip(": "))
