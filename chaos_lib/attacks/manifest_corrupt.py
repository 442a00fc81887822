"""A manifest is indented wrongly, and behind that waits a field that does not exist."""

from __future__ import annotations

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector
from chaos_lib.cluster import yaml_text
from chaos_lib.cluster.kubectl import KUBECTL, rendered

_FILE = "k8s/base/deployment.yaml"


def inject(target: Injector) -> None:
    """Misspell a field, then push one line by one space: the second fault hides the first."""
    text = yaml_text.put(target.workspace.read(_FILE), ("spec", "revisionHistoryLimits"), "3")
    target.workspace.replace(_FILE, text.replace("\n  replicas:", "\n   replicas:", 1))


def solve(hands: Hands) -> None:
    """Give the line its place back, and take the unknown field out."""
    hands.finish(_FILE)


ATTACK = Attack(
    name="manifest_corrupt",
    title="One space to the right",
    emoji="📐",
    phase="phase-4-k8s",
    difficulty=Difficulty.BEGINNER,
    minutes=6,
    is_core=True,
    story="I pressed the space bar once. Once! A whole cluster, and it cannot read because of me.",
    defence="manifest-lint",
    symptom=Symptom("YAML_BROKEN", r"k8s/base/deployment\.yaml:\d+:\d+: ", deadline_s=60.0),
    command=f"yamllint -d relaxed k8s/base k8s/overlays; {rendered('k8s/overlays/blue')} | {KUBECTL} apply --dry-run=client -f -",
    hints=(
        "The evidence names a file, a line and a column. Look at that line, and at the two above it.",
        "In YAML the indentation is the structure: keys of one level stand exactly below each other.",
        "`replicas` stands one space too far to the right. And when the file can be read again, ask the gate once more.",
        "The second fault: no Deployment has a field `revisionHistoryLimits`. `kubectl explain deployment.spec` lists what "
        "there is.",
    ),
    debrief=(
        "A broken manifest is found by whoever reads it first. Let that be a lint in the pipeline and not the cluster in the "
        "middle of a release. There are two kinds: what no parser can read, and what parses and means nothing, like a "
        "misspelt field that is silently dropped; the second is worse, because you believe that the setting is there. This "
        "class of incident is the unvalidated configuration. A lint, a schema check for the release you run on, and a "
        "server-side dry run find it before anybody else does."
    ),
    inject=inject,
    solve=solve,
    easier="Only the line that the evidence names is wrong at first: repair it, run the gate again, and read what it says then.",
)
