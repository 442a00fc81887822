"""Where the game is played: beside the mission, whole again after a kill, and once for real."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from chaos_lib import environment
from chaos_lib import mission as mission_module
from chaos_lib.campaign.ground import own_ground, scores_of
from chaos_lib.campaign.rounds import Campaign
from chaos_lib.campaign.timeline import Ending
from chaos_lib.errors import LabBusy, LabError
from chaos_lib.lab.lab_state import FacilityState, LabState
from chaos_lib.settings import Settings, Tier

from .conftest import FakeLab

ROOT = Path(__file__).parents[2]


@pytest.fixture
def fake_lab(monkeypatch, gates):
    monkeypatch.setattr(mission_module, "Lab", FakeLab)
    monkeypatch.setattr(FakeLab, "down_calls", 0)
    return FakeLab


def test_the_ground_holds_the_finished_project_beside_the_mission(settings, fake_lab):
    with own_ground(settings) as ground:
        folder = ground.mission.workspace.folder
        assert folder.is_relative_to(settings.home / "game")
        assert (folder / "tests/integration/conftest.py").is_file()
        assert not settings.workspace.exists()
        assert ground.cut_off is None
    assert fake_lab.down_calls == 1


def test_an_attack_that_is_open_at_the_end_is_undone(settings, fake_lab):
    with own_ground(settings) as ground:
        before = ground.mission.workspace.digest()
        ground.mission.launch("env_var_missing", is_hidden=True)
    assert ground.mission.workspace.digest() == before
    assert ground.mission.experiment.state().runs == ()


def test_putting_back_keeps_what_the_player_wrote_in_a_saved_version(settings, fake_lab):
    with own_ground(settings) as ground:
        workspace = ground.mission.workspace
        before = workspace.digest()
        workspace.write("README.md", "mine, committed", message="mine")
        (workspace.folder / "new.txt").write_text("mine, too")
        ground.put_back()

        assert workspace.digest() == before
        assert workspace.changes() == ""
        refs = workspace.git.run("for-each-ref", "--format=%(refname)", "refs/opchaos").output.split()
        assert any("mine, too" in workspace.git.run("show", f"{ref}:new.txt").output for ref in refs)
        ground.put_back()
        assert workspace.git.run("for-each-ref", "--format=%(refname)", "refs/opchaos").output.split() == refs


def test_two_games_in_one_mission_folder_are_refused(settings, fake_lab):
    with own_ground(settings), pytest.raises(LabBusy, match="Another game") as caught, own_ground(settings):
        pass
    assert "--home" in caught.value.fix


def test_a_machine_without_services_is_told(settings, fake_lab, monkeypatch):
    nothing = FacilityState(facility="services", provider="", tier=None, reason="Nothing works here.")
    monkeypatch.setattr(
        FakeLab, "up", lambda self, progress, also=(): LabState(run_id="abc", facilities=(nothing,))
    )

    with pytest.raises(LabError, match="no Postgres and no Redis") as caught, own_ground(settings):
        pass
    assert "Nothing works here." in caught.value.evidence
    assert "doctor" in caught.value.fix
    assert fake_lab.down_calls == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("when", ["launch", "round"])
def test_a_game_that_was_killed_is_healed_by_the_next_and_keeps_its_score(settings, fake_lab, when):
    killed = subprocess.run(
        [sys.executable, "-m", "tests.campaign.killed_game", str(settings.home), when],
        cwd=ROOT, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert killed.returncode == -9, killed.stderr
    was_open = Campaign(mission_module.Mission(_own(settings), mission_module.phases.FINAL))
    assert was_open.mission.experiment.state().runs

    with own_ground(settings) as ground:
        assert ground.mission.experiment.state().runs == ()
        assert ground.mission.workspace.changes() == ""
        story = Campaign(ground.mission).story
        assert story.finished_at is not None
        if when == "launch":
            assert (story.rounds, ground.cut_off, scores_of(settings).top()) == ((), None, ())
        else:
            assert [played.ending for played in story.rounds] == [Ending.GIVEN_UP]
            (score,) = scores_of(settings).top()
            assert (score.player, score.how, score.played, score.points) == ("Ada", "cut off", 1, 0)
            assert ground.cut_off == 0


def _own(settings: Settings) -> Settings:
    return settings.model_copy(update={"home": settings.home / "game" / "ground"})


@pytest.mark.lab
def test_a_game_on_real_servers_without_containers(settings):
    """Real Postgres and Redis, real gates: one round is fixed, one rolled back."""
    embedded = settings.model_copy(update={"tier": Tier.EMBEDDED})
    with own_ground(embedded) as ground:
        mission = ground.mission
        mission.log.add(
            mission.phase.name, "offensive_started", "seed 1",
            seed=1, sequence=["env_var_missing", "service_absent"],
            gates=["settings-gate", "integration-tests"], player="Ada", minutes=15,
        )  # fmt: skip
        campaign = Campaign(mission)
        before = mission.workspace.digest()
        campaign.next()
        run = campaign.investigate()
        assert [verdict.reason for verdict in run.verdicts] == ["SETTING_MISSING"]
        (mission.settings.workspace / environment.FILE).write_text(environment.DEFAULT)
        assert campaign.check_fix().outcome is not None

        campaign.next()
        run = campaign.investigate()
        assert run.red is not None
        assert (run.red.defence, run.red.reason, run.red.tier) == (
            "integration-tests", "SERVICE_UNREACHABLE", Tier.EMBEDDED,
        )  # fmt: skip
        assert campaign.roll_back().points > 0
        assert mission.workspace.digest() == before
        ground.enter_score(campaign, "finished")
        campaign.finish()
    (score,) = scores_of(embedded).top()
    assert (score.caught, score.played, score.tier, score.how) == (2, 2, "EMBEDDED", "finished")
