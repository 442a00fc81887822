"""Phase 2 without an engine: its checks ask the right defences, its attacks the right facility."""

from __future__ import annotations

import pytest

from chaos_lib import notebook
from chaos_lib.checks import catalogue as checks
from chaos_lib.checks import phase_2
from chaos_lib.defences import catalogue as defences
from chaos_lib.defences.base import GREEN, Verdict
from chaos_lib.errors import AttackRefused, BuildFailed, CheckFailed, EngineUnavailable, InvalidInput
from chaos_lib.lab.lab_state import FacilityState, LabState
from chaos_lib.mission import Mission
from chaos_lib.notebook import session
from chaos_lib.phases import phase
from chaos_lib.settings import Tier

ASKED = {
    "phase-2.image": ("image-build", "import-smoke"),
    "phase-2.size": ("size-budget", "import-smoke", "secret-scan"),
    "phase-2.cache": ("second-build",),
    "phase-2.container": ("published-port", "non-root", "stop-time", "healthcheck"),
    "phase-2.defended": ("python-version", "import-smoke", "size-budget"),
}
MOUNT = "FROM a:1\nRUN --mount=type=cache,target=/root/.cache/pip pip install -r requirements.lock\n"
NO_MOUNT = "FROM a:1\nRUN pip install -r requirements.lock\n"


class FakeLab:
    """A lab that is up at once; no test here talks to it."""

    def __init__(self, containers):
        self.containers = containers

    def up(self, progress, *, also=()):
        tiers = {"containers": self.containers, "services": Tier.EMBEDDED}
        return LabState(
            run_id="abc",
            facilities=tuple(
                FacilityState(facility=name, provider="fake", tier=tier, reason="a fake")
                for name, tier in tiers.items()
            ),
        )

    def environment(self):
        return {"MISSION_DATABASE_URL": "postgresql://u:p@h/d", "MISSION_REDIS_URL": "redis://h/0"}


@pytest.fixture
def mission(settings):
    mission = Mission(settings, phase(2))
    mission.lab = FakeLab(Tier.LIVE)
    mission.begin()
    mission.workspace.write("Dockerfile", NO_MOUNT, message="answer")
    return mission


@pytest.fixture
def verdicts(monkeypatch):
    """Defences that say what a test wants, by name."""
    said = {}
    for name in defences.DEFENCES:

        class Saying:
            facility = "containers"

            def run(self, context, name=name):
                assert context.tier is Tier.LIVE
                return said[name]

        monkeypatch.setitem(defences.DEFENCES, name, Saying())
    return said


@pytest.fixture
def downloads(monkeypatch):
    """What a build with one more dependency fetches."""

    def say(answer):
        def tell(bench):
            if isinstance(answer, Exception):
                raise answer
            return answer

        monkeypatch.setattr(phase_2, "downloads_again", tell)

    say((1, 20))
    return say


@pytest.mark.parametrize("check", ASKED)
def test_a_check_passes_when_its_defences_are_green_and_names_the_one_that_is_not(
    mission, verdicts, downloads, check
):
    for name in ASKED[check]:
        verdicts[name] = Verdict(name, GREEN, "Good.")
    checks.judge(check, mission)
    for name in ASKED[check]:
        verdicts[name] = Verdict(name, "SOME_REASON", "Not good.", evidence="seen", remedy="do this")
        with pytest.raises(CheckFailed) as caught:
            checks.judge(check, mission)
        assert name in caught.value.what
        assert "seen" in caught.value.found
        assert caught.value.next_step == "do this"
        verdicts[name] = Verdict(name, GREEN, "Good.")


def test_all_checks_together_give_the_points_of_the_phase(mission, verdicts, downloads):
    for name in {name for names in ASKED.values() for name in names}:
        verdicts[name] = Verdict(name, GREEN, "Good.")
    for check in ASKED:
        checks.judge(check, mission)

    assert mission.standing().points == phase(2).points


def test_the_cache_check_wants_downloads_to_be_kept(mission, verdicts, downloads):
    verdicts["second-build"] = Verdict("second-build", GREEN, "Good.")
    downloads((22, 0))
    with pytest.raises(CheckFailed) as caught:
        checks.judge("phase-2.cache", mission)
    assert "22 packages downloaded" in caught.value.found
    assert "--mount=type=cache" in caught.value.next_step

    # There are package indexes that allow pip to keep nothing: the mount is what one can do.
    mission.workspace.write("Dockerfile", MOUNT, message="answer")
    checks.judge("phase-2.cache", mission)


@pytest.mark.parametrize(
    "error", [BuildFailed("It failed.", evidence="why", fix="f"), EngineUnavailable("Nobody.", fix="f")]
)
def test_the_cache_check_says_why_nothing_could_be_measured(mission, verdicts, downloads, error):
    verdicts["second-build"] = Verdict("second-build", GREEN, "Good.")
    downloads(error)

    with pytest.raises(CheckFailed) as caught:
        checks.judge("phase-2.cache", mission)
    assert caught.value.found
    assert caught.value.next_step


def test_an_attack_on_the_image_looks_at_the_containers_and_not_at_the_services(mission):
    attack = mission.attack("wrong_python")
    assert mission.tier_for(attack) is Tier.LIVE
    mission.launch("wrong_python")
    mission.undo("wrong_python")


def test_without_containers_it_is_refused_although_the_services_are_there(settings):
    mission = Mission(settings, phase(2))
    mission.lab = FakeLab(None)
    mission.begin()

    with pytest.raises(AttackRefused) as caught:
        mission.launch("wrong_python")
    assert "LIVE" in caught.value.evidence
    assert mission.tier_for(mission.attack("env_var_missing")) is Tier.EMBEDDED


def test_the_phase_starts_without_dockerfile_and_gatekeeper_and_with_the_lock(settings):
    mission = Mission(settings, phase(2))
    mission.lab = FakeLab(Tier.LIVE)
    mission.begin()

    there = set(mission.workspace.fingerprint())
    assert {"Dockerfile", ".dockerignore"} & there == set()
    assert {"requirements.lock", "tests/integration/conftest.py"} <= there


def test_a_text_is_replaced_in_a_file_and_one_that_is_not_there_is_refused(mission, monkeypatch):
    monkeypatch.setattr(session, "_current", [mission])
    notebook.edit("Dockerfile", "a:1", "b:2")
    assert (mission.workspace.folder / "Dockerfile").read_text().startswith("FROM b:2")

    with pytest.raises(InvalidInput) as caught:
        notebook.edit("Dockerfile", "a:1", "b:2")
    assert "'a:1'" in caught.value.evidence
    notebook.restore("Dockerfile")
    assert (mission.workspace.folder / "Dockerfile").read_text().startswith("FROM b:2")


def test_nothing_can_be_compared_with_nothing(mission, monkeypatch):
    monkeypatch.setattr(session, "_current", [mission])
    with pytest.raises(InvalidInput):
        notebook.compare_images()
