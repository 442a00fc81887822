"""`opchaos up` and `down`, as real processes, with real servers and without Docker."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from chaos_lib.lab import FacilityState, Lab, LabState
from chaos_lib.lab.lock import exclusive
from chaos_lib.lab.services.embedded import EmbeddedServices
from chaos_lib.wait import Reading, wait_until

from .conftest import Cli

# The lab's own deadline is half a minute: too long for a test.
IMPATIENT = (
    "import sys; import chaos_lib.lab.lab as lab; lab._LOCK_S = 1.0\n"
    "from chaos_lib.cli import main; sys.argv = ['opchaos', 'up']; main()"
)


def test_up_starts_and_down_stops_and_both_may_be_repeated(with_lab: Cli) -> None:
    code, output = with_lab.wait("up")
    assert code == 0, output
    assert "Starting Postgres" in output
    assert "EMBEDDED" in output
    assert "The lab is up." in output

    code, again = with_lab.wait("up")
    assert (code, "Starting Postgres" in again) == (0, False)

    for _ in range(2):
        code, output = with_lab.wait("down")
        assert code == 0, output
        assert "The lab is down. Your workspace is untouched." in output
    assert json.loads(with_lab("status", "--json").stdout)["lab"]["is_up"] is False
    assert EmbeddedServices(with_lab.settings).attach() is None


def test_down_of_a_lab_that_never_was_makes_no_mission(cli: Cli) -> None:
    assert "has never started one" in cli("down").stdout
    assert not cli.settings.home.exists()


def test_up_without_any_services_says_so_and_fails(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = FacilityState(
        facility="services", provider="", tier=None, reason="No wheels.", remedy="Install them."
    )
    monkeypatch.setattr(Lab, "up", lambda self, progress, also: LabState(run_id="x", facilities=(nothing,)))

    result = cli("up")

    assert result.exit_code == 1
    assert "✗ not available" in result.stdout
    assert "For a better tier: Install them." in result.stdout
    assert "opchaos doctor" in result.stdout


def test_a_second_up_waits_for_the_first_and_names_it(with_lab: Cli) -> None:
    with exclusive(with_lab.settings.state / "lab.lock", "starting the lab", timeout_s=1):
        second = with_lab.start("up")
        assert second.stdout is not None
        line = second.stdout.readline()
        assert f"process {os.getpid()} is starting the lab" in line
    output, _ = second.communicate(timeout=60)

    assert second.returncode == 0, output
    assert "The lab is up." in output


def test_a_second_up_gives_up_at_the_labs_deadline(with_lab: Cli) -> None:
    with exclusive(with_lab.settings.state / "lab.lock", "starting the lab", timeout_s=1):
        second = subprocess.run([sys.executable, "-c", IMPATIENT], capture_output=True, text=True)

    assert second.returncode == 1
    assert "Another process is changing the lab right now" in second.stderr
    assert f"process {os.getpid()} is starting the lab" in second.stderr
    assert "Fix: Wait until it is done" in second.stderr
    assert "Traceback" not in second.stderr


def test_two_ups_at_once_both_end_well_with_one_lab(with_lab: Cli) -> None:
    both = [with_lab.start("up"), with_lab.start("up")]
    outputs = [process.communicate(timeout=90)[0] for process in both]

    assert [process.returncode for process in both] == [0, 0], outputs
    assert sum("Starting Postgres" in output for output in outputs) == 1


def test_ctrl_c_while_the_lab_starts_cleans_up(with_lab: Cli) -> None:
    process = with_lab.start("up")
    assert process.stdout is not None
    first = process.stdout.readline()
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)

    assert "Starting Postgres" in first
    assert process.returncode == 130, output
    assert "interrupted" in output
    assert "Fix: Run `opchaos up` again" in output
    assert "Traceback" not in output
    assert Lab(with_lab.settings).state() is None
    wait_until("nothing of the lab runs", lambda: Reading(not _servers_of(with_lab)), timeout_s=10)


def test_ctrl_c_while_waiting_for_another_process_is_clean(with_lab: Cli) -> None:
    with exclusive(with_lab.settings.state / "lab.lock", "starting the lab", timeout_s=1):
        process = with_lab.start("up")
        assert process.stdout is not None
        assert "Waiting for another process" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=30)

    assert process.returncode == 130, output
    assert "Stopped. Nothing was left half done." in output
    assert "Traceback" not in output


def _servers_of(cli: Cli) -> list[int]:
    home = str(cli.settings.home)
    return [
        process.pid
        for process in psutil.process_iter(["cmdline"])
        if any(home in part for part in process.info["cmdline"] or ())
    ]


@pytest.mark.lab
def test_down_removes_the_containers_of_this_mission_alone(cli: Cli, live_lab: Lab, tmp_path: Path) -> None:
    import docker

    try:
        assert cli.wait("up")[0] == 0
        found = json.loads(cli("status", "--json").stdout)["lab"]
        assert {f["facility"]: f["tier"] for f in found["facilities"]} == {
            "containers": "LIVE",
            "services": "LIVE",
            "pipeline": "EMBEDDED",
        }
    finally:
        code, output = cli.wait("down")
    assert code == 0, output

    client = docker.DockerClient(base_url=live_lab.environment()["DOCKER_HOST"])
    try:
        ours = {"label": f"io.opchaos.run={cli.settings.run_id()}"}
        others = {"label": f"io.opchaos.run={live_lab.settings.run_id()}"}
        assert client.containers.list(all=True, filters=ours) == []
        assert len(client.containers.list(filters=others)) == 2
    finally:
        client.close()
