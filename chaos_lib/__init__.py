"""Operation Chaos: Break It to Make It. The public names of the workshop: `import chaos_lib as chaos`."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = [
    "add_credential",
    "answer_quiz",
    "ask",
    "attack",
    "build",
    "build_times",
    "certify",
    "check",
    "checkup",
    "compare_images",
    "coverage",
    "debrief",
    "defend",
    "deploy",
    "diagnose",
    "diff",
    "edit",
    "finish",
    "flakes",
    "flip_to",
    "go_live",
    "heal",
    "hint",
    "launch_service",
    "measured",
    "new_attack",
    "offensive",
    "panel",
    "prove",
    "release_version",
    "restore",
    "review_quiz",
    "roll_back",
    "rotate_credential",
    "run_experiment",
    "run_gates",
    "run_image",
    "run_pipeline",
    "show",
    "start",
    "switch_to",
    "symptom",
    "take_quiz",
    "tour",
    "undo",
]


def __getattr__(name: str) -> Any:
    """Load the notebook's functions at first use: the command line starts without widgets and plots."""
    if name in __all__:
        return getattr(import_module("chaos_lib.notebook"), name)
    raise AttributeError(f"module 'chaos_lib' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
