"""Phase 4 without a cluster: it says in plain words what it needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chaos_lib.checks import catalogue as checks
from chaos_lib.errors import CheckFailed, ClusterUnavailable
from chaos_lib.lab.facility import FacilityReport
from chaos_lib.mission import Mission
from chaos_lib.phases import phase
from chaos_lib.settings import Settings
from chaos_lib.warzone import Warzone

ACTIONS: tuple[Callable[[Warzone], Any], ...] = (
    lambda zone: zone.deploy(),
    lambda zone: zone.roll_back(),
    lambda zone: zone.diagnose(),
    lambda zone: zone.ask("/version"),
    lambda zone: zone.switch_to("green"),
    lambda zone: zone.flip_to("blue"),
)


@pytest.fixture
def mission(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Mission:
    """A mission whose lab looked for a cluster and found none."""
    found = Mission(settings, phase("phase-4-k8s"))
    found.workspace.create(found.phase)
    none = FacilityReport(
        "cluster", "", None, "Only root on Debian can start one.", "Name a context of yours."
    )
    monkeypatch.setattr(found, "_facilities", (none,))
    return found


@pytest.mark.parametrize(
    "act", ACTIONS, ids=("deploy", "roll_back", "diagnose", "ask", "switch_to", "flip_to")
)
def test_without_a_cluster_everything_says_what_is_missing_and_how_to_get_it(
    mission: Mission, act: Callable[[Warzone], Any]
) -> None:
    with pytest.raises(ClusterUnavailable) as refusal:
        act(Warzone(mission))
    assert "Phase 4 is played on a real Kubernetes cluster" in refusal.value.what
    assert refusal.value.evidence == "Only root on Debian can start one."
    assert refusal.value.fix == "Name a context of yours."


@pytest.mark.parametrize("name", ["phase-4.rollback", "phase-4.blue-green"])
def test_without_a_cluster_a_check_fails_with_that_reason(mission: Mission, name: str) -> None:
    with pytest.raises(CheckFailed) as failure:
        checks.judge(name, mission)
    assert "there is none here" in failure.value.what
    assert failure.value.found == "Only root on Debian can start one."
    assert failure.value.next_step == "Name a context of yours."
