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

    A fix, or a decoy seen through, earns all of an attack's worth, a roll back half of it; everything else earns nothing. Up to
    half as much again is for speed: all of it at once, nothing from the attack's planned minutes on. Each hint costs 15 % of
    the worth, each time that a broken system was called healthy 25 %; a round never costs more than it earns.
    """
    full = worth(attack)
    shares = {Ending.FIXED: 1.0, Ending.SEEN_THROUGH: 1.0, Ending.ROLLED_BACK: ROLLED_BACK_SHARE}
    earned = full * shares.get(played.ending, 0.0)
    if not earned or played.recover_s is None:
        return 0
    left = max(0.0, 1 - played.recover_s / (attack.minutes * 60))
    lost = full * (HINT_SHARE * played.hints + FALSE_REPORT_SHARE * played.false_reports)
    return max(0, round(earned * (1 + SPEED_SHARE * left) - lost))
