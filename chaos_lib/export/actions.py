"""What an exported experiment calls: Chaos Toolkit imports these functions by name and runs them in its own process.

The mission is the one that the environment names (`OPCHAOS_HOME`, `OPCHAOS_TIER`, ...); every change goes through the Guard and
the journal, so that an experiment that was killed, or run without its rollbacks, is healed by `opchaos heal`.
Chaos Toolkit turns any exception into a failed activity and shows its text.
"""

from __future__ import annotations

from chaos_lib.errors import SymptomMissing
from chaos_lib.mission import Mission, open_mission
from chaos_lib.phases import FINISHED
from chaos_lib.settings import Settings


def reason_of(defence: str, phase: str) -> str:
    """Run a defence on the workspace and return its reason code: `OK` when it is green.

    What a killed process left half done is healed first. A mission without a workspace gets one with the finished project.

    Args:
        defence: Its name, such as `settings-gate`.
        phase: The phase that the mission is in, such as `phase-1-tests`.
    """
    return _ready(phase).defend(defence).reason


def launch(attack: str, phase: str) -> str:
    """Launch an attack, guarded and journaled.

    Returns:
        What it changed, for Chaos Toolkit's own journal.

    Raises:
        AttackRefused: It is open already, or does not happen for real on this lab.
    """
    mission = _ready(phase)
    mission.launch(attack)
    run = mission.experiment.state().run_of(attack)
    assert run is not None
    return ", ".join(dict.fromkeys(operation.target for operation in run.operations))


def see_symptom(attack: str, phase: str) -> str:
    """Run the attack's defence and return the reason code that it promised.

    Raises:
        SymptomMissing: The defence says something else.
    """
    mission = _ready(phase)
    chosen = mission.attack(attack)
    verdict = mission.defend(chosen.defence)
    if not chosen.symptom.is_shown_by(verdict.reason, f"{verdict.summary}\n{verdict.evidence}"):
        raise SymptomMissing(
            f"`{attack}` did not show its symptom.",
            evidence=f"`{chosen.defence}` said {verdict.reason}: {verdict.summary}\n{verdict.evidence}",
            fix=f"It promises {chosen.symptom.reason} with a text like {chosen.symptom.pattern!r}.",
        )
    return verdict.reason


def heal(attack: str, phase: str) -> str:
    """Undo an attack through the journal; nothing happens when it is not open. Needs no lab.

    Returns:
        What was brought back; empty when there was nothing to undo.
    """
    return ", ".join(open_mission(Settings(), phase).undo(attack).targets)


def _ready(phase: str) -> Mission:
    """Return the mission with a workspace and a running lab."""
    mission = open_mission(Settings(), phase)
    mission.experiment.heal(only_half_done=True)
    if not mission.workspace.exists:
        mission.workspace.create(FINISHED)
    mission.connect()
    return mission
