from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from chaos_lib.command import Command
from chaos_lib.errors import CommandFailed, ToolMissing, WaitTimeout
from chaos_lib.wait import Reading, wait_until


def python(code, **surroundings):
    return Command([sys.executable, "-c", code], **surroundings)


def test_the_output_comes_in_the_order_written():
    result = python("import sys; print(1, flush=True); print(2, file=sys.stderr, flush=True); print(3)").run(
        timeout_s=30
    )

    assert result.output == "1\n2\n3\n"
    assert result.is_success
    assert result.elapsed_s > 0


def test_lines_are_told_as_they_come():
    lines = []

    python("print('a'); print('b', end='')").run(timeout_s=30, on_line=lines.append)

    assert lines == ["a", "b"]


def test_a_failure_is_told_with_the_last_lines():
    result = python("print('why'); raise SystemExit(3)").run(timeout_s=30)
    assert not result.is_success

    with pytest.raises(CommandFailed) as caught:
        result.check(fix="Do this.")
    assert "exit code 3" in caught.value.what
    assert caught.value.evidence == "why"
    assert caught.value.fix == "Do this."


def test_only_the_last_lines_are_evidence():
    result = python("for i in range(100): print(i)").run(timeout_s=30)

    assert result.last_lines.splitlines() == [str(i) for i in range(85, 100)]


def test_a_signal_is_a_negative_exit_code():
    result = python("import os, signal; os.kill(os.getpid(), signal.SIGKILL)").run(timeout_s=30)

    assert result.exit_code == -9


def test_a_missing_program_is_told():
    with pytest.raises(ToolMissing) as caught:
        Command(["no-such-program"], env={"PATH": "/nowhere"}).run(timeout_s=5)
    assert "`no-such-program`" in caught.value.what
    assert "/nowhere" in caught.value.evidence
    assert "opchaos doctor" in caught.value.fix


def test_it_runs_in_its_folder_with_its_environment_and_input(tmp_path):
    result = python(
        "import os, sys; print(os.getcwd(), os.environ['A'], sys.stdin.read())",
        cwd=tmp_path,
        env={"A": "1", "PATH": os.environ["PATH"]},
        stdin="hello",
    ).run(timeout_s=30)

    assert result.output.split() == [str(tmp_path.resolve()), "1", "hello"]


def test_without_input_standard_input_is_closed():
    assert python("import sys; print(repr(sys.stdin.read()))").run(timeout_s=30).output == "''\n"


def test_a_program_that_does_not_read_its_input_is_no_failure():
    assert python("pass", stdin="x" * 1_000_000).run(timeout_s=30).is_success


def test_output_that_is_no_text_is_shown_as_far_as_it_goes():
    result = python("import os; os.write(1, b'a\\xffb')").run(timeout_s=30)

    assert result.output == "a\ufffdb"


FAMILY = """
import subprocess, sys, pathlib, signal
child = subprocess.Popen([sys.executable, "-c", "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.pause()"])
pathlib.Path(sys.argv[1]).write_text(str(child.pid))
print("started", flush=True)
signal.pause()
"""


def is_gone(pid):
    def probe():
        try:
            return Reading(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE, f"{pid} runs")
        except psutil.NoSuchProcess:
            return Reading(True)

    return probe


def test_a_timeout_is_told_and_ends_the_process_group(tmp_path, monkeypatch):
    monkeypatch.setattr("chaos_lib.command._KILL_GRACE_S", 0.3)
    pid_file = tmp_path / "pid"
    with pytest.raises(WaitTimeout) as caught:
        Command([sys.executable, "-c", FAMILY, str(pid_file)]).run(timeout_s=1.5)

    wait_until("the stubborn grandchild is gone", is_gone(int(pid_file.read_text())), timeout_s=10)
    assert "did not end within" in caught.value.what
    assert "started" in caught.value.evidence
    assert caught.value.fix


def test_an_interruption_ends_the_program(tmp_path, monkeypatch):
    pid_file = tmp_path / "pid"

    def interrupt(line):
        os.kill(os.getpid(), signal.SIGINT)

    code = "import os, pathlib, signal, sys; pathlib.Path(sys.argv[1]).write_text(str(os.getpid())); print(1, flush=True); signal.pause()"
    with pytest.raises(KeyboardInterrupt):
        Command([sys.executable, "-c", code, str(pid_file)]).run(timeout_s=30, on_line=interrupt)

    wait_until("the program is gone", is_gone(int(Path(pid_file).read_text())), timeout_s=10)


def test_a_secret_environment_is_not_shown():
    assert "s3cret" not in repr(Command(["x"], env={"TOKEN": "s3cret"}, stdin="s3cret"))
