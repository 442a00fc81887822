"""The first attack everybody meets: harmless, quickly seen, quickly undone."""

from __future__ import annotations

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector

_FILE = "src/mission_control/codenames.py"
_GOOD = 'f"{dice.choice(_ADJECTIVES)}-{dice.choice(_NOUNS)}-{dice.randrange(100):02}"'
_BAD = 'f"{dice.choice(_ADJECTIVES)} {dice.choice(_NOUNS)} {dice.randrange(100):02}!!!"'


def inject(target: Injector) -> None:
    """Make codenames that the service itself would refuse to store."""
    target.workspace.substitute(_FILE, _GOOD, _BAD)


def solve(hands: Hands) -> None:
    """Put the line back."""
    hands.edit(_FILE, _BAD, _GOOD)


ATTACK = Attack(
    name="codename_scrambled",
    title="Scrambled codenames",
    emoji="🎭",
    phase="phase-0-setup",
    difficulty=Difficulty.BEGINNER,
    minutes=3,
    is_core=True,
    story="Silent Falcon 07? How dull. Let us give your missions names with some… character!!!",
    defence="unit-tests",
    symptom=Symptom("TESTS_FAILED", r"test_codenames", deadline_s=30.0),
    command="pytest tests/unit",
    hints=(
        "One test file turned red. Its name tells you which module was touched.",
        "Look at the last line of `make_codename` in src/mission_control/codenames.py.",
        'You need not repair it by hand: `chaos.undo("codename_scrambled")` brings it back.',
    ),
    debrief=(
        "A one-line change in a shared helper slipped in, and a two-second test run noticed before any user did. "
        "That is the idea of this whole workshop: break it on purpose, in a place where breaking is safe, and see "
        "which of your defences wakes up. A change nobody can name the author of is the oldest incident there is; "
        "the cure is a test that runs on every commit."
    ),
    inject=inject,
    solve=solve,
)
