from __future__ import annotations

import pytest

from mission_control.models import Status


@pytest.mark.parametrize("old", Status)
@pytest.mark.parametrize("new", Status)
def test_a_mission_only_ever_moves_one_step_forward(old, new):
    steps = [(Status.PLANNED, Status.ACTIVE), (Status.ACTIVE, Status.DONE)]

    assert old.can_become(new) == ((old, new) in steps)
