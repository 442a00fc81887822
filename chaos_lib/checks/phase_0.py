"""Checks of the mission briefing."""

from __future__ import annotations

from chaos_lib.checks.base import Check
from chaos_lib.errors import CheckFailed
from chaos_lib.mission import AttackState, Mission

_PHASE = "phase-0-setup"
_ATTACK = "codename_scrambled"


def _call_sign(mission: Mission) -> None:
    path = mission.workspace.folder / "crew.txt"
    text = path.read_text(encoding="utf-8").strip() if path.exists() else ""
    if not text:
        raise CheckFailed(
            "Not yet: nobody has signed the crew list.",
            found="no crew.txt in your workspace" if not path.exists() else "an empty crew.txt",
            expected="a line with your call sign",
            next_step="Run the answer cell above with your call sign in it.",
        )


def _first_heal(mission: Mission) -> None:
    state = mission.state_of(_ATTACK)
    seen = [e for e in mission.log.events(kind="symptom_seen") if e.name == _ATTACK]
    if not seen:
        raise CheckFailed(
            "Not yet: you have not seen the Chaos Agent's first attack at work.",
            found=f"the attack is {state.value}, and its symptom was not looked at",
            expected="launched, symptom seen, undone",
            next_step="Press Launch, then See the symptom.",
        )
    if state not in (AttackState.HEALED, AttackState.CAUGHT):
        raise CheckFailed(
            "Not yet: the damage is still there.",
            found=f"the attack is {state.value}",
            expected="everything as it was, byte for byte",
            next_step=f'Undo it: `chaos.undo("{_ATTACK}")`, or the Undo button.',
        )


CHECKS = (
    Check("phase-0.crew", "You are on the crew list.", _PHASE, 4, _call_sign),
    Check("phase-0.first-heal", "You broke it, saw it, and brought it back.", _PHASE, 6, _first_heal),
)
