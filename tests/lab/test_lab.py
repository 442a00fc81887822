"""The lab as a whole, on models: what it promises whatever the tools are."""

import os
import time
from pathlib import Path

import pytest

from chaos_lib.errors import DiskFull, EngineUnavailable, Interrupted
from chaos_lib.lab import Lab, docker_path
from chaos_lib.lab.containers import ContainersProvider
from chaos_lib.lab.containers_facility import ContainersFacility
from chaos_lib.lab.docker_containers import DockerContainers
from chaos_lib.lab.engine import Engine
from chaos_lib.lab.facility import Progress, ProgressSink, Usability, no_progress
from chaos_lib.lab.fake_containers import FakeContainers
from chaos_lib.lab.lab_state import FacilityState
from chaos_lib.lab.services import Services, ServicesProvider
from chaos_lib.lab.services_facility import ServicesFacility
from chaos_lib.settings import Settings, Tier


class FakeServices:
    """Services that are up when told."""

    name, tier = "fake", Tier.SIMULATED

    def __init__(self) -> None:
        self.is_up = False

    def usability(self) -> Usability:
        return Usability(True, "A model.", "")

    def start(self, progress: ProgressSink) -> Services:
        self.is_up = True
        return self._services()

    def stop(self) -> None:
        self.is_up = False

    def attach(self) -> Services | None:
        return self._services() if self.is_up else None

    def _services(self) -> Services:
        return Services("postgresql://m:c@h:1/m", "redis://h:2/0", self.tier, self.name)


def _lab(settings: Settings, provider: ContainersProvider, services: ServicesProvider) -> Lab:
    containers = ContainersFacility(settings, [provider])

    def providers(_: Settings, __: Engine | None) -> tuple[ServicesProvider, ...]:
        return (services,)

    return Lab(settings, [containers, ServicesFacility(settings, containers, providers)])


def test_detect_changes_nothing(settings: Settings) -> None:
    provider, services = FakeContainers(), FakeServices()
    reports = _lab(settings, provider, services).detect()
    assert [(r.facility, r.provider, r.tier) for r in reports] == [
        ("containers", "fake", Tier.SIMULATED),
        ("services", "fake", Tier.SIMULATED),
    ]
    assert not provider.is_up
    assert not services.is_up
    assert not settings.home.exists()


def test_up_registers_what_runs_and_down_forgets_it(settings: Settings) -> None:
    provider, services = FakeContainers(), FakeServices()
    lab = _lab(settings, provider, services)
    news: list[Progress] = []
    state = lab.up(news.append)
    assert news
    assert state == lab.state() == Lab(settings, []).state()
    assert state.run_id == settings.run_id()
    assert lab.status().is_up
    assert lab.down().notes == ()
    assert not provider.is_up
    assert not services.is_up
    assert lab.state() is None
    assert not lab.status().is_up
    assert lab.down().notes == ()  # twice is fine


def test_up_twice_gives_the_same(settings: Settings) -> None:
    lab = _lab(settings, FakeContainers(), FakeServices())
    assert lab.up() == lab.up()


def test_the_environment_names_services_and_tiers_and_is_empty_while_down(settings: Settings) -> None:
    lab = _lab(settings, FakeContainers(), FakeServices())
    assert lab.environment() == {}
    lab.up()
    assert lab.environment() == {
        "OPCHAOS_CONTAINERS_TIER": "SIMULATED",
        "OPCHAOS_SERVICES_TIER": "SIMULATED",
        "MISSION_DATABASE_URL": "postgresql://m:c@h:1/m",
        "MISSION_REDIS_URL": "redis://h:2/0",
    }


def test_status_sees_a_facility_that_died(settings: Settings) -> None:
    services = FakeServices()
    lab = _lab(settings, FakeContainers(), services)
    lab.up()
    services.is_up = False
    status = lab.status()
    assert not status.is_up
    assert [item.is_running for item in status.facilities] == [True, False]


def test_a_failed_start_is_taken_back(settings: Settings) -> None:
    provider = FakeContainers()
    provider.failure = DiskFull("No room.", fix="Make some.")
    with pytest.raises(DiskFull):
        _lab(settings, provider, FakeServices()).up()
    assert not provider.is_up
    assert not (settings.state / "lab.json").exists()


def test_ctrl_c_says_that_everything_is_cleaned_up(settings: Settings) -> None:
    provider = FakeContainers()
    provider.failure = KeyboardInterrupt()
    lab = _lab(settings, provider, FakeServices())
    with pytest.raises(Interrupted) as caught:
        lab.up()
    assert "cleaned up" in caught.value.what
    assert caught.value.evidence == ""
    assert "opchaos up" in caught.value.fix
    assert not provider.is_up
    assert lab.up().facilities


def test_ctrl_c_in_a_second_up_keeps_what_was_up_before(settings: Settings) -> None:
    provider = FakeContainers()
    lab = _lab(settings, provider, FakeServices())
    lab.up()
    provider.failure = KeyboardInterrupt()
    with pytest.raises(Interrupted):
        lab.up()
    assert provider.is_up
    assert lab.status().is_up


def test_an_engine_that_cannot_start_does_not_stop_the_lower_tiers(settings: Settings) -> None:
    provider = FakeContainers()
    provider.failure = EngineUnavailable("It ended.", evidence="no overlay", fix="Mend it.")
    state = _lab(settings, provider, FakeServices()).up()
    containers = state.facility("containers")
    assert isinstance(containers, FacilityState)
    assert containers.tier is None
    assert containers.reason == "It ended. (no overlay)"
    assert containers.remedy == "Mend it."
    services = state.facility("services")
    assert services is not None
    assert services.provider == "fake"


def test_a_damaged_state_file_counts_as_down(settings: Settings) -> None:
    lab = _lab(settings, FakeContainers(), FakeServices())
    lab.up()
    (settings.state / "lab.json").write_text("{")
    assert lab.state() is None
    assert lab.up().facilities


def test_the_embedded_tier_has_no_containers_and_says_why(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "mission", tier=Tier.EMBEDDED)
    report = ContainersFacility(settings).report()
    assert report.tier is None
    assert report.reason.startswith("Containers are not available on this tier")
    assert "Unset OPCHAOS_TIER" in report.remedy
    assert ContainersFacility(settings).engine() is None


def test_no_engine_and_no_root_is_reported_with_the_remedy(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere.sock")
    provider = DockerContainers(settings, may_start=False, looks_elsewhere=False)
    usability = provider.usability()
    if usability.is_usable:
        usability = DockerContainers(
            Settings(home=settings.home, engine_folder=settings.home), may_start=False, looks_elsewhere=False
        ).usability()
    assert not usability.is_usable
    assert usability.reason.startswith("No Docker engine answers on this machine.")
    assert usability.remedy


def test_without_an_engine_start_raises_what_is_missing(settings: Settings, tmp_path: Path) -> None:
    nowhere = Settings(home=settings.home, engine_folder=tmp_path / "engine")
    with pytest.raises(EngineUnavailable, match="No Docker engine answers"):
        DockerContainers(nowhere, may_start=False, looks_elsewhere=False).start(no_progress)


def test_a_better_docker_client_is_put_first_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = tmp_path / "first" / "docker", tmp_path / "second" / "docker"
    for client, version, plugin in ((first, "28.2.2", "exit 1"), (second, "20.10.24", "exit 1")):
        client.parent.mkdir()
        client.write_text(f'#!/bin/sh\n[ "$1" = --version ] || {plugin}\necho Docker version {version},\n')
        client.chmod(0o755)
    monkeypatch.setenv("PATH", f"{first.parent}{os.pathsep}{second.parent}")
    monkeypatch.setattr("chaos_lib.lab.docker_client._OWN", str(second))
    found = docker_path.path_with_client(tmp_path / "bin", "/rest")
    assert found == {"PATH": f"{tmp_path / 'bin'}{os.pathsep}/rest"}
    assert (tmp_path / "bin" / "docker").readlink() == second


@pytest.mark.lab
def test_a_lab_that_is_up_is_detected_and_found_up_quickly(live_lab: Lab) -> None:
    start = time.monotonic()
    core = ("containers", "services")
    assert [r.tier for r in live_lab.detect() if r.facility in core] == [Tier.LIVE, Tier.LIVE]
    detected = time.monotonic()
    before = live_lab.state()
    assert live_lab.up() == before
    assert detected - start < 0.5
    assert time.monotonic() - detected < 1.0
    assert live_lab.status().is_up
    assert live_lab.environment()["MISSION_DATABASE_URL"].startswith("postgresql://")
