"""Checks of phase 5, Final Victory: the participant's own pipeline, what it ships, and what it withstood."""

from __future__ import annotations

import contextlib
import json

from chaos_lib import new_version
from chaos_lib.authoring import trial
from chaos_lib.campaign import own_pipeline
from chaos_lib.campaign.gates import is_known_green, run_remembered
from chaos_lib.campaign.rounds import Campaign, in_reach
from chaos_lib.campaign.timeline import Ending
from chaos_lib.checks.base import Check, require_green
from chaos_lib.errors import ChaosError, CheckFailed, NotAnsweredYet, WaitTimeout
from chaos_lib.image_service import ImageService
from chaos_lib.live_service import ClusterService, go_live
from chaos_lib.mission import Mission
from chaos_lib.service import Answer, Service
from chaos_lib.wait import Reading, wait_until

_PHASE = "phase-5-final"
_FEWEST_ROUNDS = 2
_ANSWER_S = 20.0
_TOLD = "an answer with status 200"


def _pipeline(mission: Mission) -> None:
    own = _own(mission)
    wrong = own.first_out_of_order()
    if wrong:
        raise CheckFailed(
            "Not yet: your pipeline asks an expensive question before a cheap one.",
            found=f"`{wrong[1]}` comes after `{wrong[0]}`",
            expected="what only reads files first, then the tests, then the image",
            next_step=f"Move `{wrong[1]}` up in {own_pipeline.FILE}.",
        )
    core = [attack for attack in in_reach(mission) if attack.is_core]
    missing = own.uncovered(core)
    if missing:
        raise CheckFailed(
            "Not yet: no gate of your pipeline would notice every attack that you know.",
            found=", ".join(f"{each.name} needs {each.defence}" for each in missing),
            expected="a gate for each core attack, at every commit or at night",
            next_step="`chaos.coverage()` shows which gate is missing.",
        )
    _all_green(mission)


def _all_green(mission: Mission) -> None:
    own = _own(mission)
    if is_known_green(mission, own.commit):
        return
    run = run_remembered(mission, own.commit)
    if run.red is not None:
        require_green(run.red, expected="every gate of your pipeline green")


def _own(mission: Mission) -> own_pipeline.OwnPipeline:
    try:
        return own_pipeline.read(mission.workspace.folder)
    except NotAnsweredYet as exc:
        raise CheckFailed(
            "Not yet: you have no pipeline.",
            found=exc.evidence,
            expected="a list of gates",
            next_step=exc.fix,
        ) from exc


def _live(mission: Mission) -> None:
    version = new_version.version_of(mission)
    if version in ("", new_version.FIRST):
        raise CheckFailed(
            "Not yet: nothing new was released.",
            found=f"green's version is {version or 'nowhere'}",
            expected=f"another version than {new_version.FIRST}, committed and brought live by your pipeline",
            next_step="`chaos.release_version(...)`, then `chaos.run_pipeline()`.",
        )
    uncommitted = mission.workspace.changes()
    if uncommitted:
        raise CheckFailed(
            "Not yet: what would go live is in no commit.",
            found=uncommitted[:800],
            expected="a workspace without uncommitted changes",
            next_step="`chaos.diff()` shows them; `chaos.restore(path)` takes one back.",
        )
    try:
        with go_live(mission) as live:
            answers = {path: _answer(live, path) for path in ("/healthz", "/version", "/missions")}
    except ChaosError as exc:
        raise CheckFailed(
            "Not yet: your service does not start.", found=exc.text, expected=_TOLD, next_step=exc.fix
        ) from exc
    for path, answer in answers.items():
        if answer.status != 200:
            raise CheckFailed(
                f"Not yet: your service does not answer {path}.",
                found=f"{answer.status} {answer.body[:300]}",
                expected=_TOLD,
                next_step="`chaos.go_live()` starts it: look at its log().",
            )
    said = json.loads(answers["/version"].body)
    if isinstance(live, ClusterService) and (said.get("version"), said.get("colour")) != (version, "green"):
        raise CheckFailed(
            "Not yet: what serves in your cluster is not what you have released.",
            found=f"/version: {answers['/version'].body[:200]}",
            expected=f"version {version}, in green",
            next_step="Run your pipeline: `chaos.run_pipeline()`. Is every stage green? Is there one that switches?",
        )


def _answer(live: ClusterService | ImageService | Service, path: str) -> Answer:
    """Ask until the answer is 200, or for some seconds: on a busy machine a service says "try again soon", and means it."""
    answers: list[Answer] = []

    def probe() -> Reading:
        answers.append(live.get(path))
        return Reading(answers[-1].status == 200, answers[-1].body)

    with contextlib.suppress(WaitTimeout):
        wait_until(f"{path} is answered", probe, timeout_s=_ANSWER_S)
    return answers[-1]


def _triage(mission: Mission) -> None:
    if not mission.log.events(kind="attack_launched"):
        raise CheckFailed(
            "Not yet: nothing was attacked.",
            found="no attack in your mission log",
            expected="`three_at_once`, launched and fixed",
            next_step="Run the cells above: the panel launches it.",
        )
    require_green(mission.defend("triage"), expected="every layer green, from the lowest up")


def _offensive(mission: Mission) -> None:
    story = Campaign(mission).find()
    rounds = story.rounds if story else ()
    unplayed = [each for each in rounds if each.ending in (Ending.OPEN, Ending.GIVEN_UP, Ending.FOOLED)]
    if story is None or unplayed or len(rounds) < max(len(story.sequence), _FEWEST_ROUNDS):
        raise CheckFailed(
            "Not yet: the offensive is not played to its end.",
            found=", ".join(f"round {n}: {each.ending.value}" for n, each in enumerate(rounds, 1))
            or "no round",
            expected=f"{_FEWEST_ROUNDS} rounds or more, each fixed, rolled back, or rightly called healthy",
            next_step="`chaos.offensive(...)` goes on where you were; what was given up needs a new seed.",
        )
    slipped = [mission.attack(each.attack) for each in rounds if each.ending is Ending.SLIPPED]
    missing = _own(mission).uncovered(slipped)
    if missing:
        raise CheckFailed(
            "Not yet: an attack slipped through, and your pipeline has still no gate for it.",
            found=", ".join(each.name for each in missing),
            expected="a gate for it, so that it cannot happen twice",
            next_step=f"Add {', '.join(f'`{each.defence}`' for each in missing)} to {own_pipeline.FILE}.",
        )


def _own_attack(mission: Mission) -> None:
    written = trial.own_attacks(mission)
    if not written:
        raise CheckFailed(
            "Not yet: you have written no attack.",
            found="no file in your mission's folder `attacks`",
            expected="one, proved in its four states",
            next_step="`chaos.new_attack(...)` writes one.",
        )
    for attack in written:
        version = trial.version_of(mission, attack)
        done = {
            e.kind for e in mission.log.events() if e.name == attack.name and e.data.get("version") == version
        }
        if {"attack_proved", "experiment_run"} <= done:
            return
    raise CheckFailed(
        "Not yet: no attack of yours is both proved and run as an experiment.",
        found=", ".join(attack.name for attack in written),
        expected="four states that hold, and a Chaos Toolkit run in which the gate was awake",
        next_step=f'`chaos.prove("{written[0].name}")`, then `chaos.run_experiment("{written[0].name}")`.',
    )


CHECKS = (
    Check("phase-5.live", "What you have released runs, and answers.", _PHASE, 10, _live),
    Check(
        "phase-5.pipeline",
        "Your pipeline has a gate for every attack, and all are green.",
        _PHASE,
        15,
        _pipeline,
    ),
    Check("phase-5.triage", "You have fixed three faults that hid each other.", _PHASE, 10, _triage),
    Check("phase-5.offensive", "You have withstood the offensive.", _PHASE, 15, _offensive),
    Check("phase-5.attack", "You have written an attack, and it keeps its promise.", _PHASE, 10, _own_attack),
)
