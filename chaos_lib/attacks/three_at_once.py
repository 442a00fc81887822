"""Three faults in three layers, of which only the first can be seen.

The parts are attacks of the catalogue, one a layer, the lowest first. A part of another layer joins by being added here,
with the gate that catches it in `chaos_lib.defences.triage`.
"""

from __future__ import annotations

from chaos_lib.attacks import assertion_removed, env_var_missing, service_absent
from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector

PARTS: tuple[Attack, ...] = (env_var_missing.ATTACK, service_absent.ATTACK, assertion_removed.ATTACK)


def inject(target: Injector) -> None:
    """Break one layer after the other, in one run: one undo takes all of it back."""
    for part in PARTS:
        part.inject(target)


def solve(hands: Hands) -> None:
    """Fix the layers in the order in which they show."""
    for part in PARTS:
        part.solve(hands)


ATTACK = Attack(
    name="three_at_once",
    title="The matryoshka",
    emoji="🪆",
    phase="phase-5-final",
    difficulty=Difficulty.ADVANCED,
    minutes=10,
    is_core=True,
    story="One fault is a riddle, two are a coincidence. Three? Fix the one that you see, and tell me how proud you are.",
    defence="triage",
    symptom=Symptom(
        "SEVERAL_LAYERS_RED", r"first red gate is settings-gate .*2 more are red", deadline_s=180.0
    ),
    command="python -m mission_control check-settings && pytest tests/integration/service && pytest tests/unit",
    hints=(
        "Do not guess which fault is the important one. Fix the first that shows, then run the triage again.",
        "The lowest layer first: what the service needs to start stands in ci.env.",
        "Then the services: who starts the database that tests/integration/conftest.py talks about?",
        "Then the tests themselves: what does tests/unit/test_schedule.py assert? `chaos.diff()` shows all three.",
    ),
    debrief=(
        "Real outages seldom have one cause. Several small faults lie in wait, each harmless or hidden, until they line "
        "up; and while one is loud, it masks the others. People then fix the loud one, see red again and suspect their "
        "own fix. Triage is the cure: a fixed order from the lowest layer up, one change at a time, and the same gates "
        "run again after each. Incident reviews speak of contributing factors instead of a root cause for this reason."
    ),
    inject=inject,
    solve=solve,
    tiers=tuple(tier for tier in PARTS[0].tiers if all(tier in part.tiers for part in PARTS)),
)
