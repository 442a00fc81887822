"""What a check is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chaos_lib.defences.base import Verdict
from chaos_lib.errors import CheckFailed
from chaos_lib.mission import Mission


@dataclass(frozen=True)
class Check:
    """A graded assertion.

    Attributes:
        name: Unique: the phase's short name and a word, such as `phase-1.services`.
        title: What is true when it passes, in plain words.
        phase: The phase it belongs to.
        points: What it is worth; the same number stands in the notebook's graded cell.
        judge: Returns when all is well, else raises CheckFailed.
    """

    name: str
    title: str
    phase: str
    points: int
    judge: Callable[[Mission], None]


def require_green(verdict: Verdict, *, expected: str) -> None:
    """Pass a green verdict.

    Args:
        verdict: Of a defence that has just run.
        expected: What the check wants, in plain words.

    Raises:
        CheckFailed: The verdict is red; its evidence is what was found, its remedy the next step.
    """
    if not verdict.is_green:
        found = f"{verdict.summary}\n{verdict.evidence}".strip()
        raise CheckFailed(
            f"Not yet: the defence `{verdict.defence}` says {verdict.reason}.",
            found=found,
            expected=expected,
            next_step=verdict.remedy or "Read the evidence: it names the cause.",
        )
