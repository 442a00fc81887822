"""Cards of attacks of one's own."""

from __future__ import annotations

from pathlib import Path

from chaos_lib.authoring.trial import Experimented, Proved
from chaos_lib.ui.card import Card, Part, PartKind, Tone
from chaos_lib.ui.cards import NEXT_STEP, PRACTITIONER


def new_attack(name: str, path: Path, source: str) -> Card:
    """Show an attack that was written."""
    return Card(
        Tone.VILLAIN, "🧨", "WRITTEN", name, (), (
            Part(str(path), "File"),
            Part(source, "The whole attack", PartKind.OUTPUT),
            Part(f'`chaos.prove("{name}")` tells whether it keeps its promise.', NEXT_STEP, PartKind.NEXT),
        ),
    )  # fmt: skip


def proved(value: Proved) -> Card:
    """Show which states of an attack hold."""
    lines = "\n".join(f"✓ {state}" for state in value.states)
    if value.failure is None:
        return Card(
            Tone.GOOD, "✓", "PROVED", value.attack.name, (f"{len(value.states)} states",),
            (Part(lines, "", PartKind.OUTPUT),),
        )  # fmt: skip
    return Card(
        Tone.NOTE, "✗", "NOT PROVED", value.attack.name, (), (
            Part(lines, "", PartKind.OUTPUT),
            Part(value.failure.what),
            Part(value.failure.evidence, "Evidence", PartKind.OUTPUT),
            Part(value.failure.fix, NEXT_STEP, PartKind.NEXT),
        ),
    )  # fmt: skip


def experimented(value: Experimented) -> Card:
    """Show what Chaos Toolkit said."""
    steps = (
        (value.was_steady, "steady state met before: the gate was green"),
        (value.was_seen, "method: launched, and the gate showed the promised reason"),
        (value.is_deviated, "steady state lost: the gate is awake. That is the finding"),
        (value.is_rolled_back, "rollbacks: everything as it was"),
    )
    lines = "\n".join(f"{'✓' if is_right else '✗'} {words}" for is_right, words in steps)
    folder = value.file.parent
    return Card(
        Tone.GOOD if value.is_success else Tone.NOTE,
        "✓" if value.is_success else "✗",
        "EXPERIMENT RUN" if value.is_success else "NOT AS PROMISED",
        value.attack.name,
        ("Chaos Toolkit",),
        (
            Part(lines, "", PartKind.OUTPUT),
            Part(str(value.file), "Experiment"),
            Part(
                f"cd {folder} && chaos run --rollback-strategy=always {value.file.name}",
                PRACTITIONER,
                PartKind.COMMAND,
            ),
        ),
    )  # fmt: skip
