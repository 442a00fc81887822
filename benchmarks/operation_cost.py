"""What journaling costs: one guarded, journaled operation and its undo, against writing the same bytes by hand."""

from __future__ import annotations

import statistics
import tempfile
from dataclasses import replace
from pathlib import Path

from benchmarks.report import Figure, at_most, informs, publish, timed_s
from chaos_lib.attacks.codename_scrambled import ATTACK
from chaos_lib.experiment import Experiment
from chaos_lib.phases import FINISHED
from chaos_lib.settings import Settings

_ROUNDS = 20
_OPERATIONS = 10


def measure() -> list[Figure]:
    """Replace ten files and bring them back, by the engine and by hand."""
    with tempfile.TemporaryDirectory(prefix="opchaos-bench-") as folder:
        experiment = Experiment(Settings(home=Path(folder) / "mission"))
        experiment.workspace.create(FINISHED)
        root = experiment.workspace.folder
        paths = sorted(p.relative_to(root).as_posix() for p in root.glob("src/**/*.py"))[:_OPERATIONS]

        def inject(target: object) -> None:
            for path in paths:
                target.workspace.replace(path, "# broken\n")  # type: ignore[attr-defined]

        attack = replace(ATTACK, name="ten_files", inject=inject)

        def by_engine() -> None:
            experiment.launch(attack)
            experiment.undo(attack.name)

        def by_hand() -> None:
            kept = [(root / path, (root / path).read_bytes()) for path in paths]
            for path, _ in kept:
                path.write_bytes(b"# broken\n")
            for path, content in kept:
                path.write_bytes(content)

        engine_s = statistics.median(timed_s(by_engine) for _ in range(_ROUNDS))
        hand_s = statistics.median(timed_s(by_hand) for _ in range(_ROUNDS))
    cost_ms = (engine_s - hand_s) * 1000 / len(paths)
    return [
        at_most("the engine's own cost of an operation with its undo", cost_ms, 50.0, "ms"),
        informs("the same by hand, without any safety", hand_s * 1000 / len(paths), "ms"),
    ]


if __name__ == "__main__":
    publish("The engine's own cost", measure())
