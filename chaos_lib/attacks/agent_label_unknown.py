"""The pipeline asks for an agent that does not exist: the build waits for ever."""

from __future__ import annotations

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector
from chaos_lib.pipeline import jenkinsfile_text

_FILE = "Jenkinsfile"


def inject(target: Injector) -> None:
    """Ask for an agent that nobody has."""
    text = target.workspace.read(_FILE)
    _, pipeline = jenkinsfile_text.read(text)
    assert pipeline.agent is not None, "a valid pipeline has one"
    target.workspace.replace(
        _FILE, jenkinsfile_text.put(text, pipeline.agent.span, "agent { label 'mainframe' }")
    )


def solve(hands: Hands) -> None:
    """Ask for an agent that there is."""
    hands.finish(_FILE)


ATTACK = Attack(
    name="agent_label_unknown",
    title="Waiting for the mainframe",
    emoji="⏳",
    phase="phase-3-jenkins",
    difficulty=Difficulty.BEGINNER,
    minutes=3,
    is_core=False,
    story="Only the best machine is good enough for your build. It is on its way, I am sure. Do take a seat.",
    defence="agent-labels",
    symptom=Symptom("LABEL_UNKNOWN", r"no agent has the label `mainframe`", deadline_s=30.0),
    command="opchaos defend agent-labels",
    hints=(
        "The build is not red and not green. What is it waiting for?",
        "A label names a kind of agent. Compare the one in the file with those that there are.",
        "The evidence lists the labels of all agents.",
        "Write `agent any` again, or a label from the list.",
    ),
    debrief=(
        "A build in the queue raises no alarm: it is not red. It happens when an agent is renamed or retired and a "
        "label stays behind in a Jenkinsfile that is built once a month. The linter cannot know which agents there "
        "are; a check against the controller's list can. And a `timeout` around the whole pipeline turns endless "
        "waiting into an honest failure."
    ),
    inject=inject,
    solve=solve,
)
