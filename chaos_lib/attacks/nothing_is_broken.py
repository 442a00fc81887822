"""A decoy: the Chaos Agent announces an attack, and does nothing."""

from __future__ import annotations

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector
from chaos_lib.defences.base import GREEN


def inject(target: Injector) -> None:
    """Touch nothing."""


def solve(hands: Hands) -> None:
    """Leave it alone."""


ATTACK = Attack(
    name="nothing_is_broken",
    title="The empty box",
    emoji="📦",
    phase="phase-5-final",
    difficulty=Difficulty.INTERMEDIATE,
    minutes=4,
    is_core=False,
    story="My masterpiece! It is in there somewhere. You only have to look long enough. Or change a few things, to be safe?",
    defence="triage",
    symptom=Symptom(GREEN, r"All \d+ gates are green", deadline_s=180.0),
    command="git status --short && git diff",
    hints=(
        "Which gate is red? Run all of them before you touch anything.",
        "What has changed since everything was green? `git status` knows.",
        "All gates green, no file changed: what would you tell a colleague who asks how the system is?",
    ),
    debrief=(
        "An alarm is a claim, not a fact. Under pressure people want to do something, and a change made to a healthy system "
        "is how many an outage began: it is called action bias, and the alarm that cries wolf is a false positive. Look "
        "first, with gates that you trust. If all are green and nothing has changed, say so and keep your hands still. To "
        "be able to say that something is healthy is worth as much as to find what is broken."
    ),
    inject=inject,
    solve=solve,
    is_decoy=True,
)
