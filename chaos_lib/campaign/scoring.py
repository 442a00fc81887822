"""What a round is worth."""

from __future__ import annotations

from chaos_lib.attacks.base import Attack
from chaos_lib.campaign.draw import rank
from chaos_lib.campaign.timeline import Ending, Round

# One step for each degree of difficulty, on top of the first.
BASE, STEP = 100, 50
# A roll back brings the service back and leaves the cause unknown.
ROLLED_BACK_SHARE = 0.5
SPEED_SHARE = 0.5
HINT_SHARE, FALSE_REPORT_SHARE = 0.15, 0.25


def worth(attack: Attack) -> int:
    """Return the points for ending an attack without help and without hurry."""
    return BASE + STEP * (rank(attack) - 1)


def points(played: Round, attack: Attack) -> int:
    """Return the points of a round.

    A fix, or a decoy seen through, earns all of an attack's worth, and up to half as much again for speed: all of that at once,
    nothing from the attack's planned minutes on. A roll back earns half of the worth, however quick: pressing a button is no
    speed. Everything else earns nothing. Each hint costs 15 % of the worth, each time that a broken system was called healthy
    25 %; a round never costs more than it earns.
    """
    full = worth(attack)
    if played.recover_s is None:
        return 0
    if played.ending in (Ending.FIXED, Ending.SEEN_THROUGH):
        left = max(0.0, 1 - played.recover_s / (attack.minutes * 60))
        earned = full * (1 + SPEED_SHARE * left)
    elif played.ending is Ending.ROLLED_BACK:
        earned = full * ROLLED_BACK_SHARE
    else:
        return 0
    lost = full * (HINT_SHARE * played.hints + FALSE_REPORT_SHARE * played.false_reports)
    return max(0, round(earned - lost))
