"""Attacks and their defences."""

from __future__ import annotations

from IPython.display import display

from chaos_lib.checks import catalogue as checks
from chaos_lib.defences.base import Verdict
from chaos_lib.experiment import Healed
from chaos_lib.hints import Hint
from chaos_lib.mission import AttackState
from chaos_lib.notebook.session import current, refresh
from chaos_lib.ui import cards, story
from chaos_lib.ui.panel import AttackPanel
from chaos_lib.ui.progress import LabProgress


def panel(*names: str) -> AttackPanel:
    """Show the attack panel: one card an attack, with its buttons."""
    mission = current()
    return AttackPanel(
        mission, names or [a.name for a in mission.attacks.values() if a.phase == mission.phase.name]
    )


def attack(name: str) -> None:
    """Launch an attack; launching it again while it is open only reminds you."""
    mission = current()
    if mission.state_of(name) is AttackState.BROKEN:
        display(cards.at_work(mission.attack(name), f'`chaos.symptom("{name}")` shows what it did.'))
        return
    launched = mission.launch(name)
    display(story.launched(launched))
    refresh()


def symptom(name: str) -> Verdict:
    """Run the defence that must catch an attack, and see what it says."""
    return defend(current().attack(name).defence)


def defend(name: str) -> Verdict:
    """Run a defence on your workspace."""
    with LabProgress(f"Running {name}", is_transient=True) as progress:
        verdict = current().defend(name, progress.line)
    refresh()
    return verdict


def hint(name: str) -> Hint:
    """Take the next hint for an attack."""
    return current().hint(name)


def undo(name: str) -> Healed:
    """Undo an attack: everything it touched is as it was, byte for byte."""
    healed = current().undo(name)
    refresh()
    return healed


def heal() -> Healed:
    """Undo every attack that is open."""
    healed = current().heal()
    refresh()
    return healed


def debrief(name: str) -> None:
    """Tell why an attack works in real life, and what prevents it."""
    display(story.debrief(current().attack(name)))


def check(name: str) -> None:
    """Run a graded check.

    Raises:
        CheckFailed: It did not pass; the message says what was found, what was expected and what to do next.
    """
    with LabProgress(f"Checking {name}", is_transient=True):
        passed = checks.judge(name, current())
    display(cards.passed(passed.title, passed.points))
    refresh()
