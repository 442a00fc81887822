"""The phases: what each is called, how long it takes, and which files its participant has still to write.

The root of the repository holds the finished project. Where a participant starts is derived from it: at the start of phase
N the files that phases N and later ask for are not there yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chaos_lib.errors import UnknownPhase


@dataclass(frozen=True)
class Phase:
    """One notebook.

    Attributes:
        name: Its folder and file name, such as `phase-1-tests`.
        number: Position, from 0.
        title: A few words for people.
        minutes: Planned minutes.
        payoff: What the participant can say at the end.
        points: Points of its graded cells.
        answers: Workspace files that the participant writes in this phase.
        withheld: Workspace files that would do the participant's work already; they come with the next phase.
        facilities: Facilities of the lab that it plays on.
    """

    name: str
    number: int
    title: str
    minutes: int
    payoff: str
    points: int
    answers: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    facilities: tuple[str, ...] = ()


# `opchaos game` and `chaos.offensive()` play it, too.
FINAL = Phase(
    name="phase-5-final",
    number=5,
    title="Final Victory",
    minutes=20,
    payoff="Chaos Agent defeated!",
    points=60,
    facilities=("containers", "services", "pipeline", "cluster"),
)

# The last notebook: quiz, certificate, and what to take along.
WRAP_UP = Phase(
    name="wrap-up",
    number=6,
    title="Wrap-up",
    minutes=10,
    payoff="I'm a Certified Chaos Slayer!",
    points=10,
    facilities=("services",),
)

PHASES: tuple[Phase, ...] = (
    Phase(
        name="phase-0-setup",
        number=0,
        title="Mission briefing",
        minutes=15,
        payoff="I pressed the button, and I can heal it!",
        points=10,
        facilities=("services",),
    ),
    Phase(
        name="phase-1-tests",
        number=1,
        title="Test Mayhem",
        minutes=30,
        payoff="My tests are bulletproof!",
        points=60,
        answers=("tests/unit/test_settings.py", "tests/integration/conftest.py"),
        # These start the service without its settings: they would notice a silent default, too.
        withheld=("tests/unit/test_command_line.py",),
        facilities=("containers", "services"),
    ),
    Phase(
        name="phase-2-docker",
        number=2,
        title="Docker Sabotage",
        minutes=20,
        payoff="My image works everywhere!",
        points=60,
        answers=("Dockerfile", ".dockerignore"),
        facilities=("containers", "services"),
    ),
    Phase(
        name="phase-3-jenkins",
        number=3,
        title="Pipeline Showdown",
        minutes=25,
        payoff="CI/CD saves me from disaster!",
        points=60,
        answers=("Jenkinsfile",),
        facilities=("containers", "services", "pipeline"),
    ),
    Phase(
        name="phase-4-k8s",
        number=4,
        title="K8s Warzone",
        minutes=30,
        payoff="My cluster is safe from Chaos!",
        points=60,
        # The Deployment with its probes, and the second colour; everything around them is given.
        answers=("k8s/base/deployment.yaml", "k8s/overlays/green/kustomization.yaml"),
        facilities=("containers", "services", "cluster"),
    ),
    FINAL,
    WRAP_UP,
)

FINISHED = Phase(name="finished", number=99, title="The finished project", minutes=0, payoff="", points=0)


def phase(key: str | int) -> Phase:
    """Return a phase by its name, its number, or the start of its name (`phase-1`).

    Raises:
        UnknownPhase: There is none.
    """
    text = str(key)
    for candidate in PHASES:
        short = f"phase-{candidate.number}"
        if text in (candidate.name, str(candidate.number), short):
            return candidate
    raise UnknownPhase(
        f"There is no phase `{key}`.",
        evidence=f"known: {', '.join(p.name for p in PHASES)}",
        fix="Name a phase by its number or its name.",
    )


def missing_at_start(number: int, phases: Sequence[Phase] = PHASES) -> tuple[str, ...]:
    """Return the workspace files that are not there yet when phase `number` starts."""
    return tuple(
        path for phase in phases if phase.number >= number for path in (*phase.answers, *phase.withheld)
    )
