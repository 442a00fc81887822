"""`opchaos lab`: a real JupyterLab that leaves the user's own settings alone."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import urllib.request
from pathlib import Path

import pytest

from chaos_lib.cli.lab import jupyter_command, jupyter_environment
from chaos_lib.settings import Settings, Tier
from chaos_lib.wait import Reading, wait_until

from .conftest import Cli


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> Reading:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return Reading(answer.status == 200)
    except OSError as exc:
        return Reading(False, str(exc))


@pytest.mark.notebooks
def test_jupyterlab_opens_on_the_mission_and_ctrl_c_ends_it(with_lab: Cli, tmp_path: Path) -> None:
    user = tmp_path / "user"
    user.mkdir()
    port = _free_port()
    process = with_lab.start(
        "lab", "--no-browser", "--port", str(port), HOME=str(user), OPCHAOS_CACHE=str(with_lab.settings.cache)
    )
    try:
        url = f"http://127.0.0.1:{port}/api"
        wait_until("JupyterLab answers", lambda: _answers(url), timeout_s=120, interval_s=0.3)
        runtime = with_lab.settings.state / "jupyter" / "runtime"
        (server,) = (json.loads(path.read_text()) for path in runtime.glob("jpserver-*.json"))
        assert server["root_dir"] == str(with_lab.settings.home)
        assert (with_lab.settings.home / "notebooks" / "phase-0-setup" / "phase-0-setup.ipynb").is_file()
        assert server["pid"] == process.pid
    finally:
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=60)

    assert process.returncode == 0, output
    assert f":{port}/lab/tree/notebooks?token=" in output
    assert "Traceback" not in output
    assert list(user.iterdir()) == []


def test_a_port_that_is_taken_is_named_before_anything_starts(cli: Cli) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]

        result = cli("lab", "--port", str(port))

    assert result.exit_code == 1
    assert f"Port {port} is in use by" in result.stderr
    assert "Fix: " in result.stderr
    assert not cli.settings.home.exists()


def test_a_folder_without_notebooks_is_refused(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPCHAOS_REPOSITORY", str(tmp_path))

    result = cli("lab")

    assert result.exit_code == 2
    assert "The notebooks were not found." in result.stderr
    assert "OPCHAOS_REPOSITORY" in result.stderr


def test_without_a_port_jupyterlab_looks_for_a_free_one(settings: Settings) -> None:
    free = jupyter_command(settings.home, port=None, opens_browser=True)
    fixed = jupyter_command(settings.home, port=9000, opens_browser=False)

    assert not any("ServerApp.port" in part for part in free)
    assert "--no-browser" not in free
    assert {"--ServerApp.port=9000", "--ServerApp.port_retries=0", "--no-browser"} <= set(fixed)


def test_kernels_and_terminals_get_the_mission_the_lab_and_the_workshops_programs(settings: Settings) -> None:
    chosen = settings.model_copy(update={"tier": Tier.EMBEDDED})
    lab = {
        "DOCKER_HOST": "unix:///somewhere",
        "PATH": "/better-docker:/usr/bin",
        "MISSION_REDIS_URL": "redis://x",
    }

    environment = jupyter_environment(chosen, lab)

    assert environment["OPCHAOS_HOME"] == str(settings.home)
    assert environment["OPCHAOS_TIER"] == "EMBEDDED"
    assert environment["DOCKER_HOST"] == "unix:///somewhere"
    assert environment["LAB_REDIS_URL"] == "redis://x"
    assert environment["PATH"].split(os.pathsep) == [
        str(Path(sys.executable).parent),
        "/better-docker",
        "/usr/bin",
    ]
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        assert Path(environment[name]).is_relative_to(settings.state)
