"""The pipeline asks for a credential under an id that the store does not have."""

from __future__ import annotations

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector
from chaos_lib.pipeline import jenkinsfile_text
from chaos_lib.pipeline.rules.credential_use import credential_uses

_FILE = "Jenkinsfile"


def inject(target: Injector) -> None:
    """Turn two letters of the first id around."""
    text = target.workspace.read(_FILE)
    parsed, _ = jenkinsfile_text.read(text)
    known = next((use.id for use in credential_uses(parsed) if use.id), None)
    if known is None:
        raise jenkinsfile_text.refuse("credential")
    target.workspace.replace(_FILE, text.replace(f"'{known}'", f"'{_misspelt(known)}'"))


def solve(hands: Hands) -> None:
    """Write the id as the store has it."""
    hands.finish(_FILE)


def _misspelt(name: str) -> str:
    """Turn the last two letters around; where they are the same, leave one out."""
    return name[:-2] + name[-1] + name[-2] if name[-1] != name[-2] else name[:-1]


ATTACK = Attack(
    name="credential_absent",
    title="Wrong name, sorry",
    emoji="🎟️",
    phase="phase-3-jenkins",
    difficulty=Difficulty.BEGINNER,
    minutes=5,
    is_core=True,
    story="I wanted to see your secret. I was told there is no such name. How rude. So I left them the name I had.",
    defence="credential-inventory",
    symptom=Symptom("CREDENTIAL_ABSENT", r"no entry with the id", deadline_s=30.0),
    command="opchaos defend credential-inventory  # every id used is declared, every declared one is used",
    hints=(
        "The pipeline is valid, so no linter objects. What does it ask for that is not in the file?",
        "A credential is found by its id. Compare the id that was asked for with those that are declared, letter by letter.",
        "Two letters have changed places. `chaos.diff()` shows the line.",
        "Correct the id with `chaos.edit`, or bring your file back: `chaos.restore` with the path.",
    ),
    debrief=(
        "The linter cannot see this one: which credentials a controller has is no business of the file. So the "
        "build runs for twenty minutes, and fails at the very step that needed the secret, often in the night of a "
        "release. An inventory compares the ids that the pipelines use with those that are declared, before the "
        "merge. It finds the opposite as well: credentials that nobody uses any more, and that can still be "
        "stolen."
    ),
    inject=inject,
    solve=solve,
)
