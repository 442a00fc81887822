"""Checks of phase 4, K8s Warzone: each looks at what runs in the cluster, and asks it over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from chaos_lib.checks.base import Check, require_green
from chaos_lib.cluster import blue_green
from chaos_lib.cluster.diagnosis import diagnose
from chaos_lib.cluster.manifests import COLOURS
from chaos_lib.cluster.objects import annotations_of
from chaos_lib.cluster.smoke import SmokeReport, smoke
from chaos_lib.cluster.workload import look
from chaos_lib.defences.cluster_gate import Ground
from chaos_lib.errors import ChaosError, CheckFailed
from chaos_lib.mission import Mission
from chaos_lib.warzone import PUBLIC, Warzone, has_drifted

_PHASE = "phase-4-k8s"
_BLUE = f"{PUBLIC}-blue"
# The controller writes it when a rollback gives an old replica set a new revision: "1", or "1,3".
_HISTORY = "deployment.kubernetes.io/revision-history"


def _deployed(mission: Mission) -> None:
    require_green(
        mission.defend("probe-contract"), expected="a readiness and a liveness probe that your image answers"
    )
    with _cluster(mission) as ground:
        _require_complete(ground, _BLUE)
        _require_answers(ground)


def _rolled_back(mission: Mission) -> None:
    with _cluster(mission) as ground:
        _require_complete(ground, _BLUE)
        _require_answers(ground)
        history = [annotations_of(each).get(_HISTORY, "") for each in look(ground.api, _BLUE).replica_sets]
        if not any(history):
            raise CheckFailed(
                "Not yet: nothing was rolled back.",
                found=f"{len(history)} revision{'s' if len(history) != 1 else ''} of {_BLUE}, none of them came back",
                expected="a bad rollout, and the version before in its place again",
                next_step="Roll the bad version out, look at it, then go back: `chaos.roll_back()`.",
            )
        drifted = has_drifted(ground)
    if drifted:
        raise CheckFailed(
            "Not yet: the cluster runs the good version, but your files still hold the bad one.",
            found=f"{', '.join(drifted)}: what runs and what the manifests say are two things",
            expected="files that say what runs: the next deployment changes nothing",
            next_step="Put the file right, too: `chaos.edit(path, old, new)`. `chaos.show(path)` shows what it says.",
        )


def _blue_green(mission: Mission) -> None:
    with _cluster(mission) as ground:
        for colour in COLOURS:
            _require_complete(ground, f"{PUBLIC}-{colour}")
            _require_colour(smoke(ground.api, f"{PUBLIC}-{colour}"), colour)
        serves = blue_green.serving(ground.api)
        if serves != "green":
            raise CheckFailed(
                "Not yet: both colours run, but green does not serve.",
                found=f"the public Service selects {serves or 'nothing'}",
                expected="green",
                next_step='Switch with the gate: `chaos.switch_to("green")`.',
            )
        _require_colour(smoke(ground.api, PUBLIC), "green")


def _defended(mission: Mission) -> None:
    require_green(
        mission.defend("manifest-lint"), expected="manifests that every parser can read, and no unknown field"
    )
    require_green(mission.defend("reference-resolver"), expected="references that all lead somewhere")
    require_green(
        mission.defend("rollout-gate"),
        expected="a version that starts, gets ready, and stays within its memory",
    )
    require_green(mission.defend("endpoint-check"), expected="Services that lead to pods which answer")


@contextmanager
def _cluster(mission: Mission) -> Iterator[Ground]:
    """Open the cluster; what stands in the way is what the check has found."""
    try:
        with Warzone(mission).ground() as ground:
            yield ground
    except CheckFailed:
        raise
    except ChaosError as exc:
        raise CheckFailed(
            f"Not yet: {exc.what[:1].lower()}{exc.what[1:]}",
            found=exc.evidence or exc.what,
            expected="your service in the lab's cluster",
            next_step=exc.fix,
        ) from exc


def _require_complete(ground: Ground, name: str) -> None:
    found = diagnose(ground.api, name)
    if not found.is_healthy:
        raise CheckFailed(
            f"Not yet: `{name}` is not complete.",
            found=f"{found.paragraph}\n{found.evidence}".strip(),
            expected="every replica of the newest version, ready",
            next_step=f"Look at it: `{found.command}`, or `chaos.diagnose()`.",
        )


def _require_answers(ground: Ground) -> None:
    report = smoke(ground.api, PUBLIC)
    if not report.is_good:
        raise CheckFailed(
            "Not yet: your service does not answer as it should.",
            found=report.evidence,
            expected="200 to every question",
            next_step="`chaos.diagnose()` says what the cluster knows about it.",
        )


def _require_colour(report: SmokeReport, colour: str) -> None:
    if not report.is_good or report.colour != colour:
        raise CheckFailed(
            f"Not yet: behind the Service `{report.service}` it is not {colour} that answers.",
            found=report.evidence,
            expected=f"200 to every question, and the colour {colour}",
            next_step="Compare the two overlays: the name's suffix and the label `colour` tell them apart.",
        )


CHECKS = (
    Check(
        "phase-4.deployed",
        "Your service runs in the cluster, and its probes tell the truth.",
        _PHASE,
        15,
        _deployed,
    ),
    Check("phase-4.rollback", "A bad version came, and went.", _PHASE, 15, _rolled_back),
    Check("phase-4.blue-green", "Green serves, and blue stands by.", _PHASE, 15, _blue_green),
    Check("phase-4.defended", "Your cluster has survived the Chaos Agent.", _PHASE, 15, _defended),
)
