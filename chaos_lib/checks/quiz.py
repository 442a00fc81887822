"""Checks of the quizzes: 80 % of a paper's questions are answered right."""

from __future__ import annotations

from functools import partial

from chaos_lib.checks.base import Check
from chaos_lib.errors import CheckFailed
from chaos_lib.mission import Mission
from chaos_lib.quiz import bank, sitting

# Whose notebook asks the final for points. The quizzes of the phases can be put into any notebook; in no phase they count.
_PHASE, _ANYWHERE = "wrap-up", "quizzes"
_POINTS, _FINAL_POINTS = 5, 10
QUIZZES = (
    "phase-0-setup",
    "phase-1-tests",
    "phase-2-docker",
    "phase-3-jenkins",
    "phase-4-k8s",
    "phase-5-final",
    bank.FINAL,
)


def _passed(name: str, mission: Mission) -> None:
    mine = sitting.sit(mission.log, mission.phase.name, name, seed=mission.settings.seed)
    result = mine.result()
    if result.is_passed:
        return
    latest = mine.latest()
    wrong = [q for q in latest if not mine.is_right(q)]
    found = f"{result.right} of {result.asked} right"
    if wrong:
        found += f"; not right: {', '.join(wrong)}"
    if result.answered < result.asked:
        found += f"; {result.asked - result.answered} not answered"
    raise CheckFailed(
        f"Not yet: the quiz `{name}` is not passed.",
        found=found,
        expected=f"{result.needed} of {result.asked} or more: {bank.PASS_PERCENT} %",
        next_step=f'Answer it with `chaos.take_quiz("{name}")`; you may answer a question again.',
    )


CHECKS = tuple(
    Check(
        f"quiz.{name}",
        "You passed the final quiz." if name == bank.FINAL else f"You passed the quiz of {name}.",
        _PHASE if name == bank.FINAL else _ANYWHERE,
        _FINAL_POINTS if name == bank.FINAL else _POINTS,
        partial(_passed, name),
    )
    for name in QUIZZES
)
