"""A token is written into the Jenkinsfile: whoever can read the repository can use it."""

from __future__ import annotations

import base64
import random

from pydantic import SecretStr

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector
from chaos_lib.credentials import Credential
from chaos_lib.pipeline import jenkinsfile_text
from chaos_lib.pipeline.declared import SIGNING_KEY
from chaos_lib.pipeline.groovy.nodes import Span

_FILE = "Jenkinsfile"


def inject(target: Injector) -> None:
    """Make the store's token one that is known, and write it into the file."""
    text = target.workspace.read(_FILE)
    _, pipeline = jenkinsfile_text.read(text)
    token = _drawn(target.seed)
    # A key that can be told must not be the one that was told to nobody.
    target.credentials.replace(SIGNING_KEY, Credential(kind="string", secret=SecretStr(token)))
    line = f"        SIGNING_TOKEN = '{token}'  // quicker than the store!\n"
    if pipeline.environment is not None:
        place = text.index("\n", pipeline.environment.span.start) + 1
    else:
        assert pipeline.agent is not None, "a valid pipeline has one"
        place = text.index("\n", pipeline.agent.span.end) + 1
        line = f"    environment {{\n{line}    }}\n"
    here = Span(0, 0, 0, 0, place, place)
    target.workspace.replace(_FILE, jenkinsfile_text.put(text, here, line))


def solve(hands: Hands) -> None:
    """Take the token out of the file."""
    hands.finish(_FILE)


def _drawn(seed: int) -> str:
    """Return something that looks like a token, and opens nothing but this mission."""
    return base64.urlsafe_b64encode(random.Random(seed).randbytes(24)).decode()  # noqa: S311 - it is no secret


ATTACK = Attack(
    name="secret_hardcoded",
    title="It is only a token",
    emoji="🔑",
    phase="phase-3-jenkins",
    difficulty=Difficulty.INTERMEDIATE,
    minutes=7,
    is_core=True,
    story="All that fuss with your credentials store! I put the key under the doormat, where everybody can find it.",
    defence="pipeline-secret-scan",
    symptom=Symptom("SECRET_IN_FILE", r"Jenkinsfile:\d+: SECRET_IN_FILE", deadline_s=30.0),
    command="gitleaks git .  # or trufflehog: in the working tree and in every commit",
    hints=(
        "The pipeline still works, and its log still hides the token. Where can it be read all the same?",
        "Take the line out of the Jenkinsfile. Then look again: the scan knows git, too.",
        "Your edit has saved the version before it as a commit. What was committed once is in every clone for ever.",
        "A secret that was seen is lost: give the credential another value, `chaos.rotate_credential` with its id.",
    ),
    debrief=(
        "Secrets in repositories are the most common leak there is: scanners find millions of new ones on public "
        "hosts every year, and most are still valid years later. Taking the line out is not the repair, because "
        "git remembers: first revoke and replace, then clean up. Prevent it with a store that hands a secret to "
        "one step only, a scan before each commit, and keys that live for hours instead of years. Masking in the "
        "log is a net, not a licence."
    ),
    inject=inject,
    solve=solve,
)
