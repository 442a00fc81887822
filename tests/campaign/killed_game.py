"""A game that is killed; a program of its own, see test_ground.py.

Usage: python -m tests.campaign.killed_game HOME WHEN
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from chaos_lib import faultpoints
from chaos_lib import mission as mission_module
from chaos_lib.campaign.ground import own_ground
from chaos_lib.campaign.rounds import Campaign
from chaos_lib.defences.catalogue import DEFENCES
from chaos_lib.settings import Settings
from tests.campaign.conftest import FakeLab, file_gates


def main(home: Path, when: str) -> None:
    """Begin a game and die: `launch` half-way through an attack, `round` after it was caught."""
    DEFENCES.update(file_gates())  # type: ignore[attr-defined]
    mission_module.Lab = FakeLab  # type: ignore[assignment, misc]
    with own_ground(Settings(home=home)) as ground:
        campaign = Campaign.begin(ground.mission, seed=3, count=4, player="Ada", minutes=15)
        if when == "launch":
            faultpoints.on_reach = lambda point: die() if point == "workspace.file.acted" else None
        campaign.next()
        campaign.investigate()
        die()


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
