"""Ctrl-C, by real signals to a real process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from chaos_lib.wait import Reading, wait_until

from .small_workshop import Workshop, code, graded, text

PHASE, LATER = "phase-0-setup", "phase-1-tests"
PLAY = """
import sys
from pathlib import Path
from chaos_lib.headless import Display, Plan, play
from chaos_lib.settings import Settings
plan = Plan.discover(Settings(repository=Path(sys.argv[1])))
with Display() as display:
    report = play(plan, on_event=display)
sys.exit(report.exit_code)
"""
# The kernel prints, tells its pid and that of a child in a session of its own, then waits for ever. In this order: once the
# pids are told, a signal may come at any line.
WAITING = """
import os, pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
print("now I wait", flush=True)
path = pathlib.Path(os.environ["OPCHAOS_HOME"]) / "pids"
path.with_suffix(".draft").write_text(f"{os.getpid()} {child.pid}")
path.with_suffix(".draft").rename(path)
while True:
    time.sleep(0.05)
"""


@contextmanager
def running(workshop: Workshop, **env: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", PLAY, str(workshop.root)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **env},
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_for(path: Path) -> None:
    wait_until(f"{path.name} is there", lambda: Reading(path.exists()), timeout_s=60, interval_s=0.05)


def pids(workshop: Workshop) -> list[int]:
    path = workshop.out / "mission" / "pids"
    wait_for(path)
    return [int(pid) for pid in path.read_text().split()]


def is_running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_ctrl_c_ends_the_kernel_and_its_children_and_reports_what_was_played(workshop: Workshop) -> None:
    workshop.add(PHASE, [text("# Wait"), graded("1", "first", 2), graded(WAITING, "second", 3)])
    workshop.add(LATER, [code("1")])
    with running(workshop) as process:
        started = pids(workshop)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=40)
    assert process.returncode == 130, output
    assert [pid for pid in started if is_running(pid)] == []
    assert "now I wait\n" in workshop.printed(PHASE)
    board = json.loads((workshop.out / "scoreboard.json").read_text(encoding="utf-8"))
    assert (board["is_interrupted"], board["exit_code"]) == (True, 130)
    assert [row["result"] for row in board["rows"]] == ["INTERRUPTED", "NOT PLAYED"]
    assert (board["rows"][0]["points_earned"], board["rows"][0]["points_possible"]) == (2, 5)
    assert "INTERRUPTED" in output
    assert "first cell after" in output
    assert "Traceback" not in output
    assert (workshop.out / "report.html").exists()


def test_a_second_ctrl_c_ends_a_kernel_that_does_not_listen_at_once(workshop: Workshop) -> None:
    deaf = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n" + WAITING
    workshop.add(PHASE, [code(deaf)])
    with running(workshop) as process:
        started = pids(workshop)
        process.send_signal(signal.SIGINT)
        assert process.stdout is not None
        seen = next(line for line in process.stdout if "Stopping" in line)
        assert "Ctrl-C again" in seen
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=40)
    assert process.returncode == 130, output
    assert [pid for pid in started if is_running(pid)] == []


def test_a_request_to_terminate_is_answered_like_ctrl_c(workshop: Workshop) -> None:
    workshop.add(PHASE, [code(WAITING)])
    with running(workshop) as process:
        started = pids(workshop)
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=40)
    assert process.returncode == 130, output
    assert [pid for pid in started if is_running(pid)] == []


def test_ctrl_c_while_the_kernel_starts_leaves_no_kernel(workshop: Workshop, tmp_path: Path) -> None:
    slow = tmp_path / "slow"
    slow.mkdir()
    pid_file = tmp_path / "pid"
    (slow / "ipykernel_launcher.py").write_text(
        "import os, pathlib, time\n"
        f"pathlib.Path({str(tmp_path)!r}, 'draft').write_text(str(os.getpid()))\n"
        f"os.rename({str(tmp_path / 'draft')!r}, {str(pid_file)!r})\n"
        "time.sleep(600)\n",
        encoding="utf-8",
    )
    workshop.add(PHASE, [code("1")])
    with running(workshop, PYTHONPATH=str(slow)) as process:
        wait_for(pid_file)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=40)
    assert process.returncode == 130, output
    assert "no cell was started" in output
    assert not is_running(int(pid_file.read_text()))
    assert "Traceback" not in output


def test_cells_get_a_moment_to_clean_up(workshop: Workshop) -> None:
    tidy = f"try:\n{textwrap.indent(WAITING.strip(), '    ')}\nfinally:\n    print('tidied up')\n"
    workshop.add(PHASE, [code(tidy)])
    with running(workshop) as process:
        pids(workshop)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=40)
    assert "tidied up\n" in workshop.printed(PHASE)
