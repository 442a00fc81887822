"""The service waits for a Redis that hangs: all tests stay green, and every request takes seconds."""

from __future__ import annotations

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector

_FILE = "src/mission_control/cache.py"
_QUICK = "TIMEOUT_S = 0.5"
# Below the five seconds that the defence waits for an answer, so that the learner sees a late 200 and no broken connection.
_PATIENT = "TIMEOUT_S = 4  # be patient: the cache may only be tired"


def inject(target: Injector) -> None:
    """Make the client of the cache patient."""
    target.workspace.substitute(_FILE, _QUICK, _PATIENT)


def solve(hands: Hands) -> None:
    """Give up quickly again."""
    hands.edit(_FILE, _PATIENT, _QUICK)


ATTACK = Attack(
    name="cache_outage_hidden",
    title="The patient cache",
    emoji="🐌",
    phase="phase-1-tests",
    difficulty=Difficulty.ADVANCED,
    minutes=6,
    is_core=False,
    story="Patience is a virtue! Your service now waits for its cache. All tests green. Why are your users leaving?",
    defence="degraded-mode",
    symptom=Symptom("CACHE_OUTAGE_SLOW", r"GET /missions: .* after [3-5]\.\d s", deadline_s=40.0),
    command="docker pause redis && curl -w '%{time_total} s' localhost:8000/missions",
    hints=(
        "The answer is right, and late. What does the service wait for before it asks the database?",
        "A Redis that is gone refuses at once. A Redis that hangs takes the call and says nothing: who hangs up first?",
        "Open src/mission_control/cache.py and look at `connect`: which number decides how long a call may take?",
        "`TIMEOUT_S` is the price of every request while Redis hangs. Half a second is plenty: `TIMEOUT_S = 0.5`.",
    ),
    debrief=(
        "Redis was only there to make things faster, and it made everything slower: all tests ran with a healthy one. "
        "This class of incident is called a gray failure: a dependency that is neither up nor down, so that no alarm "
        "rings, while requests pile up behind it and the outage spreads to services that are healthy (a cascading "
        "failure). Give every call over the network a timeout that its caller can afford, decide what happens without "
        "the answer, and test exactly that with a server that takes the connection and stays mute."
    ),
    inject=inject,
    solve=solve,
)
