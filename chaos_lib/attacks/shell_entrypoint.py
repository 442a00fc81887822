"""A shell stands between the engine and the service, and keeps SIGTERM to itself."""

from __future__ import annotations

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector
from chaos_lib.settings import Tier

_FILE = "Dockerfile"
# With one command only, some shells replace themselves by it, and all would be well. With a second one to come they stay.
_LINES = """
# A friendly word before and after.
ENTRYPOINT echo "Good morning!" && python -m mission_control serve && echo "Good night!"
"""


def inject(target: Injector) -> None:
    """Start the service from a line of shell."""
    target.workspace.replace(_FILE, target.workspace.read(_FILE) + _LINES)


def solve(hands: Hands) -> None:
    """Start it directly again."""
    hands.edit(_FILE, _LINES, "")


ATTACK = Attack(
    name="shell_entrypoint",
    title="The deaf doorman",
    emoji="🚪",
    phase="phase-2-docker",
    difficulty=Difficulty.INTERMEDIATE,
    minutes=4,
    is_core=False,
    story="I hired a doorman for your service. He says good morning and good night. Messages? He does not pass on messages.",
    defence="stop-time",
    symptom=Symptom("SIGNAL_LOST", r"killed after \d+\.\d s, exit code 137", deadline_s=120.0),
    command="time docker stop mission-control",
    hints=(
        "Stopping takes ten seconds, to the tick. Who waits for whom?",
        "`docker stop` sends SIGTERM to process 1, waits ten seconds, and kills. What is process 1? `docker top` shows it.",
        "A line without brackets runs in a shell. The shell is process 1, and it does not pass the signal on.",
        'Write it as a list: `ENTRYPOINT ["python", "-m", "mission_control"]` and `CMD ["serve"]`. In a script: '
        "`exec python -m …` as the last line.",
    ),
    debrief=(
        "Every deployment stops the old containers. One that does not hear SIGTERM is killed in the middle of its "
        "requests: users see 502 for a moment, at each release, and nobody connects it with a missing pair of brackets. "
        "This class of incident is the ungraceful shutdown. Write ENTRYPOINT as a list, say `exec` in scripts, and "
        "measure in the pipeline how the image stops: an exit code of 137 is a kill."
    ),
    inject=inject,
    solve=solve,
    tiers=(Tier.LIVE,),
)
