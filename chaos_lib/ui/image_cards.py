"""Cards of builds: what a build did, and how long builds take."""

from __future__ import annotations

from chaos_lib.defences.build_times import BuildTimes
from chaos_lib.lab.builds.report import BuildReport
from chaos_lib.lab.builds.steps import BuildStep
from chaos_lib.ui.card import Card, Part, PartKind, Tone
from chaos_lib.ui.cards import PRACTITIONER
from chaos_lib.ui.marks import seconds

_LARGEST = 8


def build_report(value: BuildReport) -> Card:
    """Show a build: its steps with their seconds, and the layers that weigh most."""
    steps = "\n".join(_step(step) for step in value.own_steps)
    own = sorted((layer for layer in value.layers if not layer.is_base), key=lambda layer: -layer.size_bytes)
    base = sum(layer.size_bytes for layer in value.layers if layer.is_base)
    layers = [f"{base / 1e6:7.1f} MB  the base image {value.base}"] if base else []
    layers += [f"{layer.size_bytes / 1e6:7.1f} MB  {layer.created_by[:90]}" for layer in own[:_LARGEST]]
    return Card(
        Tone.GOOD,
        "✓",
        "BUILT",
        f"{value.size_bytes / 1e6:.0f} MB",
        (f"{value.cached} of {len(value.own_steps)} steps cached", seconds(value.elapsed_s)),
        (
            Part(steps, "Steps", PartKind.OUTPUT),
            Part("\n".join(layers), "Layers", PartKind.OUTPUT),
            Part("\n".join(value.warnings[:5]), "Warnings", PartKind.OUTPUT),
            Part(value.command, PRACTITIONER, PartKind.COMMAND),
        ),
    )


def build_times(value: BuildTimes) -> Card:
    """Show how long each build took."""
    lines = "\n".join(
        f"{seconds(build.elapsed_s):>7}  {build.change}, {'with' if build.uses_caches else 'without'} caches"
        for build in value.builds
    )
    return Card(Tone.INFO, "◷", "BUILDS", "How long each took", (), (Part(lines, "", PartKind.OUTPUT),))


def _step(step: BuildStep) -> str:
    took = "  cached" if step.is_cached else f"{step.elapsed_s:6.1f} s"
    words = [word for word in step.instruction.split() if not word.startswith("--mount")]
    stage = f"{step.stage}: " if step.stage else ""
    return f"{took}  {stage}{' '.join(words)[:90]}"
