"""From pressing the button to the red verdict, against running the bare tool on a workspace that was broken by hand."""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.report import Figure, at_most, informs, publish, timed_s
from chaos_lib.attacks import codename_scrambled, env_var_missing
from chaos_lib.attacks.base import Attack
from chaos_lib.command import Command
from chaos_lib.lab.lab import Lab
from chaos_lib.mission import with_lab_names
from chaos_lib.proofs import Proof, ProofGround
from chaos_lib.settings import Settings, Tier

_ROUNDS = 5
_TIMEOUT_S = 120.0
# What a practitioner would type to see each attack's symptom.
_BARE = {
    "env_var_missing": ["-m", "mission_control", "check-settings"],
    "codename_scrambled": ["-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/unit"],
}


def measure_one(attack: Attack, ground: ProofGround) -> list[Figure]:
    """Measure one attack."""
    proof = Proof(attack, ground)
    experiment = ground.experiment
    button_s = statistics.median(timed_s(proof.attacked_is_red) for _ in range(_ROUNDS))
    experiment.launch(attack)
    environment = dict(os.environ) | {
        "PYTHONPATH": str(ground.settings.workspace / "src"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    bare = Command([sys.executable, *_BARE[attack.name]], cwd=ground.settings.workspace, env=environment)
    bare_s = statistics.median(timed_s(lambda: bare.run(timeout_s=_TIMEOUT_S)) for _ in range(_ROUNDS))
    experiment.undo(attack.name)
    return [
        at_most(
            f"{attack.name}: attack, symptom and undo beyond the tool's own time", button_s - bare_s, 1.0, "s"
        ),
        informs(f"{attack.name}: the bare tool", bare_s, "s"),
        informs(f"{attack.name}: ratio", button_s / bare_s, "ratio"),
    ]


def measure() -> list[Figure]:
    """Measure a file attack and an environment attack."""
    with tempfile.TemporaryDirectory(prefix="opchaos-bench-") as folder:
        settings = Settings(home=Path(folder) / "mission", tier=Tier.EMBEDDED)
        lab = Lab(settings)
        lab.up()
        try:
            ground = ProofGround(
                settings, with_lab_names(lab.environment(), settings.run_id()), Tier.EMBEDDED
            )
            return [
                *measure_one(env_var_missing.ATTACK, ground),
                *measure_one(codename_scrambled.ATTACK, ground),
            ]
        finally:
            lab.down()


if __name__ == "__main__":
    publish("From the button to the symptom", measure())
