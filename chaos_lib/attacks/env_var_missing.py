"""A required setting is misspelt in the CI system's variables."""

from __future__ import annotations

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector

_RIGHT = "MISSION_DATABASE_URL"
_WRONG = "MISSION_DATABSE_URL"
_VALUE = "${LAB_POSTGRES_URL}"


def inject(target: Injector) -> None:
    """Rename the variable by one letter."""
    target.environment.remove(_RIGHT)
    target.environment.set(_WRONG, _VALUE)


def solve(hands: Hands) -> None:
    """Spell it right again."""
    hands.set_variable(_WRONG, None)
    hands.set_variable(_RIGHT, _VALUE)


ATTACK = Attack(
    name="env_var_missing",
    title="The missing variable",
    emoji="🔡",
    phase="phase-1-tests",
    difficulty=Difficulty.BEGINNER,
    minutes=5,
    is_core=True,
    story="I took just one letter from your configuration. You will not even notice. Nobody reads variable names.",
    defence="settings-gate",
    symptom=Symptom("SETTING_MISSING", r"MISSION_DATABASE_URL is not set", deadline_s=15.0),
    command="python -m mission_control check-settings",
    hints=(
        "The service says which setting it misses. Where would a CI system set it?",
        "Open ci.env in your workspace and read the names aloud, letter by letter.",
        "DATABSE is not DATABASE.",
        "The line must read: MISSION_DATABASE_URL=${LAB_POSTGRES_URL}",
    ),
    debrief=(
        "The service refused to start and named the variable: the cheapest place to find a wrong setting. Services "
        "that fall back to localhost instead run for days against the wrong database. This class of incident has a "
        "name, configuration drift, and it is behind a large share of failed deployments. Defend yourself twice: "
        "validate every setting at start, without defaults for what must differ between environments, and let tests "
        "set their own variables in a fixture, so that they never depend on someone's shell."
    ),
    inject=inject,
    solve=solve,
)
