"""Every check, by name."""

from __future__ import annotations

from collections.abc import Mapping

from chaos_lib.checks import phase_0, phase_1, phase_2, phase_3, phase_4, phase_5, quiz
from chaos_lib.checks.base import Check
from chaos_lib.errors import CheckFailed, InvalidInput
from chaos_lib.mission import Mission

CHECKS: Mapping[str, Check] = {
    check.name: check
    for check in (
        *phase_0.CHECKS,
        *phase_1.CHECKS,
        *phase_2.CHECKS,
        *phase_3.CHECKS,
        *phase_4.CHECKS,
        *phase_5.CHECKS,
        *quiz.CHECKS,
    )
}


def judge(name: str, mission: Mission) -> Check:
    """Run a check and write its outcome to the mission log.

    Returns:
        The check, when it passed.

    Raises:
        CheckFailed: It did not pass.
        InvalidInput: There is no such check.
    """
    check = CHECKS.get(name)
    if check is None:
        raise InvalidInput(
            f"There is no check `{name}`.",
            evidence=f"known: {', '.join(CHECKS)}",
            fix="Choose one of the known names.",
        )
    try:
        check.judge(mission)
    except CheckFailed as failure:
        mission.record_check(name, 0, failure)
        raise
    mission.record_check(name, check.points, None)
    return check
