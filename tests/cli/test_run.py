"""`opchaos run`, as a real process over small notebooks."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from chaos_lib.cli.run import phase_name
from chaos_lib.lab import Lab
from chaos_lib.lab.services.embedded import EmbeddedServices
from chaos_lib.settings import Settings
from chaos_lib.wait import Reading, wait_until

from .conftest import Cli
from .small_workshop import Workshop, code, graded

PHASE, LATER = "phase-0-setup", "phase-1-tests"
LAB = "import chaos_lib as chaos\nchaos.start(0)"
WAITING = """
import os, pathlib, time
(pathlib.Path(os.environ["OPCHAOS_HOME"]) / "waiting").touch()
while True:
    time.sleep(0.05)
"""


@pytest.fixture
def workshop(tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    # `cli` first: its environment must not be that of the small workshop yet.
    workshop = Workshop(tmp_path / "repo")
    monkeypatch.setenv("OPCHAOS_REPOSITORY", str(workshop.root))
    return workshop


def is_down(mission: Settings) -> bool:
    return Lab(mission).state() is None and EmbeddedServices(mission).attach() is None


def test_a_run_plays_everything_and_puts_its_lab_away(with_lab: Cli, workshop: Workshop) -> None:
    workshop.add(PHASE, [code(LAB), graded("1", "first", 2)])
    workshop.add(LATER, [code("1")])

    exit_code, output = with_lab.wait("run")

    assert exit_code == 0, output
    assert "Scoreboard" in output
    board = json.loads((workshop.out / "scoreboard.json").read_text())
    assert [row["result"] for row in board["rows"]] == ["PASS", "PASS"]
    assert board["rows"][0]["tiers"]["services"] == "EMBEDDED"
    assert (workshop.out / "mission" / "workspace" / ".git").is_dir()
    assert is_down(workshop.mission())


@pytest.mark.parametrize("key", ["1", "phase-1", LATER])
def test_a_phase_may_be_given_by_number_or_name(key: str) -> None:
    assert phase_name(key) == LATER


def test_only_plays_one_phase(with_lab: Cli, workshop: Workshop, tmp_path: Path) -> None:
    workshop.add(PHASE, [code("1/0")])
    workshop.add(LATER, [code("1")])

    exit_code, output = with_lab.wait("run", "--only", "1", "--out", str(tmp_path / "mine"))

    assert exit_code == 0, output
    assert (tmp_path / "mine" / "notebooks" / f"{LATER}.ipynb").is_file()
    assert not workshop.out.exists()


def test_a_failing_notebook_gives_exit_code_1_and_its_cell(with_lab: Cli, workshop: Workshop) -> None:
    workshop.add(PHASE, [code(LAB), code("raise ValueError('the reason')")])

    exit_code, output = with_lab.wait("run")

    assert exit_code == 1
    assert "ValueError" in output
    assert "the reason" in output
    assert is_down(workshop.mission())


def test_ctrl_c_gives_130_and_leaves_nothing_running(with_lab: Cli, workshop: Workshop) -> None:
    workshop.add(PHASE, [code(LAB), code(WAITING)])
    process = with_lab.start("run")
    waiting = workshop.out / "mission" / "waiting"
    wait_until("the cell waits", lambda: Reading(waiting.exists()), timeout_s=60)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)

    assert process.returncode == 130, output
    assert "INTERRUPTED" in output
    assert "Traceback" not in output
    assert is_down(workshop.mission())


def test_the_lab_of_a_killed_run_is_put_away_by_the_next(with_lab: Cli, workshop: Workshop) -> None:
    notebook = workshop.add(PHASE, [code(LAB), code(WAITING)])
    process = with_lab.start("run")
    waiting = workshop.out / "mission" / "waiting"
    wait_until("the cell waits", lambda: Reading(waiting.exists()), timeout_s=60)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    notebook.unlink()
    workshop.add(PHASE, [code("1")])

    exit_code, output = with_lab.wait("run")

    assert exit_code == 0, output
    (before,) = workshop.out.glob("mission-*")
    assert is_down(workshop.mission(before.name))


def test_a_second_run_in_the_same_folder_is_refused_and_leaves_the_first_alone(
    with_lab: Cli, workshop: Workshop
) -> None:
    workshop.add(PHASE, [code(LAB), code(WAITING)])
    first = with_lab.start("run")
    try:
        waiting = workshop.out / "mission" / "waiting"
        wait_until("the cell waits", lambda: Reading(waiting.exists()), timeout_s=60)

        exit_code, output = with_lab.wait("run")

        assert exit_code == 1
        assert "Another run is writing to this folder right now." in output
        assert not is_down(workshop.mission())
    finally:
        first.send_signal(signal.SIGINT)
        first.communicate(timeout=60)


def test_a_folder_with_other_files_is_refused(with_lab: Cli, workshop: Workshop, tmp_path: Path) -> None:
    workshop.add(PHASE, [code("1")])
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").touch()

    exit_code, output = with_lab.wait("run", "--out", str(tmp_path / "photos"))

    assert exit_code == 2
    assert "holds files that no run has written" in output


@pytest.mark.lab
def test_a_live_run_leaves_the_engine_and_none_of_its_containers(
    live_lab: Lab, cli: Cli, workshop: Workshop
) -> None:
    import docker

    workshop.add(PHASE, [code(LAB)])
    try:
        exit_code, output = cli.wait("run")
        assert exit_code == 0, output
        board = json.loads((workshop.out / "scoreboard.json").read_text())
        tiers = board["rows"][0]["tiers"]
        assert (tiers["containers"], tiers["services"]) == ("LIVE", "LIVE")
        client = docker.DockerClient(base_url=live_lab.environment()["DOCKER_HOST"])
        try:
            run_id = (workshop.out / "mission" / "state" / "run-id").read_text().strip()
            labels = {"label": f"io.opchaos.run={run_id}"}
            assert client.containers.list(all=True, filters=labels) == []
        finally:
            client.close()
        status = json.loads(cli("status", "--json").stdout)
        running = {f["facility"] for f in status["lab"]["facilities"] if f["is_running"]}
        # The runner of pipelines is no process: it is always there.
        assert running - {"pipeline"} == {"containers"}
    finally:
        cli("down")
