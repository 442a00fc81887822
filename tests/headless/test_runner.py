from __future__ import annotations

import errno
import json
import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import nbformat
import psutil
import pytest

from chaos_lib.errors import ChaosError, DiskFull, InvalidInput, LabBusy, NotebookFailed
from chaos_lib.headless import Outcome, play
from chaos_lib.headless.events import CellFinished, CellStarted, NotebookFinished, RunFinished, RunStarted
from chaos_lib.headless.out_folder import OutFolder
from chaos_lib.headless.report import FailureKind

from .small_workshop import KERNELSPEC, Workshop, code, graded, parameters, text

A, B, C = "phase-0-setup", "phase-1-tests", "phase-2-docker"
LOG = """
from chaos_lib.mission_log import MissionLog
from chaos_lib.settings import Settings
log = MissionLog(Settings().state / "mission.sqlite")
log.add("phase-0-setup", "tier", "services", tier="EMBEDDED", provider="wheels")
log.add("phase-0-setup", "attack_launched", "env_var_missing")
log.add("phase-0-setup", "attack_caught", "env_var_missing")
log.add("phase-0-setup", "attack_launched", "service_absent")
"""


def test_a_good_workshop_passes_with_points_tiers_attacks_and_minutes(workshop: Workshop) -> None:
    workshop.add(
        A,
        [text("# Briefing"), code(LOG), graded("assert seed == 20", "a-seed", 2)],
        opchaos={"minutes_planned": 15},
    )
    workshop.add(B, [graded("1", "b-one", 3)])
    report = workshop.play()
    first, second = report.notebooks
    assert report.exit_code == 0
    assert report.error() is None
    assert [first.outcome, second.outcome] == [Outcome.PASS, Outcome.PASS]
    assert (first.points_earned, first.points_possible, second.points_earned) == (2, 2, 3)
    assert dict(first.facts.tiers) == {"services": "EMBEDDED"}
    assert (first.facts.attacks_fired, first.facts.attacks_caught) == (2, 1)
    assert second.facts.attacks_fired == 0
    assert first.minutes_planned == 15
    assert 0 < first.minutes_used < 1
    assert report.first_cell_after_s is not None


def test_every_step_is_told_as_an_event(workshop: Workshop) -> None:
    workshop.add(A, [text("# Briefing"), code("1")])
    report = workshop.play()
    assert workshop.events[0] == RunStarted((A,))
    started = [event for event in workshop.events if isinstance(event, CellStarted)]
    assert [(event.number, event.headline) for event in started] == [(1, ""), (2, "Briefing")]
    assert all(event.is_success for event in workshop.events if isinstance(event, CellFinished))
    assert workshop.events[-1] == RunFinished(report)


def test_all_files_are_written(workshop: Workshop) -> None:
    workshop.add(A, [code("print('hello')")])
    workshop.play()
    for name in ("notebooks/phase-0-setup.ipynb", "html/phase-0-setup.html", "report.html", "junit.xml"):
        assert (workshop.out / name).stat().st_size > 0
    board = json.loads((workshop.out / "scoreboard.json").read_text(encoding="utf-8"))
    assert board["is_success"] is True
    assert board["rows"][0]["result"] == "PASS"
    assert workshop.printed(A) == "hello\n"


def test_the_source_is_never_written(workshop: Workshop) -> None:
    path = workshop.add(A, [code("1")])
    before = path.read_bytes()
    workshop.play(parameters={"seed": 1})
    assert path.read_bytes() == before


def test_the_kernel_is_this_python_in_the_notebooks_folder_with_the_runs_home(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "user"
    spec = home / ".local/share/jupyter/kernels/python3/kernel.json"
    spec.parent.mkdir(parents=True)
    spec.write_text(
        json.dumps({"argv": ["/bin/false"], "display_name": "other", "language": "python"}), encoding="utf-8"
    )
    startup = home / "startup.py"
    startup.write_text("intruder = 1", encoding="utf-8")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PYTHONSTARTUP", str(startup))
    for name in ("JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR"):
        monkeypatch.delenv(name, raising=False)
    before = sorted(home.rglob("*"))
    source = "import os, sys\nprint(sys.executable, os.getcwd(), os.environ['OPCHAOS_HOME'], os.environ['OPCHAOS_HEADLESS'], sep='\\n')"
    path = workshop.add(A, [code(source), code("assert 'intruder' not in globals()")])
    assert workshop.play().exit_code == 0
    expected = [sys.executable, str(path.parent), str(workshop.out / "mission"), "1"]
    assert workshop.printed(A).splitlines() == expected
    assert sorted(home.rglob("*")) == before


def test_parameters_reach_the_notebook(workshop: Workshop) -> None:
    workshop.add(A, [code("print(seed, type(seed).__name__)")])
    report = workshop.play(parameters={"seed": 7})
    assert workshop.printed(A) == "7 int\n"
    assert report.notebooks[0].cells_played == 2


def test_a_failing_cell_stops_the_run_and_is_shown(workshop: Workshop) -> None:
    workshop.add(
        A,
        [
            text("## Fix it"),
            graded("1", "before", 1),
            graded("print('line 1')\nprint('line 2')\nraise ValueError('no fixture')", "it", 2),
            graded("1", "after", 4),
        ],
    )
    workshop.add(B, [graded("1", "b", 8)])
    report = workshop.play()
    first, second = report.notebooks
    assert report.exit_code == 1
    assert (first.outcome, second.outcome) == (Outcome.FAIL, Outcome.NOT_PLAYED)
    assert (first.points_earned, first.points_possible, second.points_possible) == (1, 7, 8)
    assert [cell.outcome for cell in first.graded] == [Outcome.PASS, Outcome.FAIL, Outcome.NOT_PLAYED]
    failure = report.failure
    assert failure is not None
    assert (failure.kind, failure.cell_number, failure.headline) == (FailureKind.ERROR, 3, "Fix it")
    assert failure.what == "ValueError: no fixture"
    assert failure.output == "line 1\nline 2"
    assert "raise ValueError" in failure.source
    assert "ValueError" in failure.evidence
    assert "\x1b" not in failure.evidence
    error = report.error()
    assert isinstance(error, NotebookFailed)
    assert "cell 3" in error.what
    assert error.evidence
    assert error.fix


def test_the_executed_notebook_is_saved_with_a_mark_at_the_failing_cell(workshop: Workshop) -> None:
    workshop.add(A, [code("1 / 0"), code("print('never')")])
    workshop.play()
    sources = [cell.source for cell in workshop.executed(A).cells]
    assert any("papermill-error-cell" in source for source in sources)
    assert workshop.printed(A) == ""


def test_our_own_errors_keep_their_three_parts(workshop: Workshop) -> None:
    raising = "from chaos_lib.errors import CheckFailed\nraise CheckFailed('Redis is missing.', found='nothing', expected='a fixture', next_step='Write it.')"
    workshop.add(A, [code(raising)])
    failure = workshop.play().failure
    assert failure is not None
    assert (failure.what, failure.evidence, failure.fix) == (
        "Redis is missing.",
        "found nothing; expected a fixture",
        "Write it.",
    )


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("get_ipython().run_cell('1/0');", id="shown, with a reply that says ok"),
        pytest.param("import sys\nsys.exit(0)", id="SystemExit 0, which papermill takes for a good end"),
        pytest.param("input('name? ')", id="a question nobody can answer"),
        pytest.param("%nosuchmagic", id="a failed reply without an error output"),
    ],
)
def test_an_error_that_papermill_would_pass_over_is_a_failure(workshop: Workshop, source: str) -> None:
    workshop.add(A, [code(source), code("1")])
    report = workshop.play()
    assert report.exit_code == 1
    assert report.failure is not None
    assert report.failure.cell_number == 2
    assert any("papermill-error-cell" in cell.source for cell in workshop.executed(A).cells)


def test_the_tag_raises_exception_excuses_nothing(workshop: Workshop) -> None:
    workshop.add(A, [code("1/0", metadata={"tags": ["raises-exception"]}), code("print('never')")])
    report = workshop.play()
    assert report.failure is not None
    assert report.failure.cell_number == 2
    assert workshop.printed(A) == ""


def test_a_button_whose_callback_fails_is_a_failure(workshop: Workshop) -> None:
    make = "import ipywidgets as w\nb = w.Button(description='go')\nb.on_click(lambda _: 1 / 0)"
    workshop.add(A, [code(make), code("b.click()"), code("print('never')")])
    failure = workshop.play().failure
    assert failure is not None
    assert (failure.cell_number, failure.what) == (3, "ZeroDivisionError: division by zero")


def test_an_error_caught_by_an_output_widget_is_a_failure(workshop: Workshop) -> None:
    make = "import ipywidgets as w\nout = w.Output()\ndisplay(out)"
    workshop.add(A, [code(make), code("with out:\n    1 / 0"), code("print('never')")])
    failure = workshop.play().failure
    assert failure is not None
    assert (failure.cell_number, failure.what) == (3, "ZeroDivisionError: division by zero")


def test_an_unknown_parameter_fails_the_notebook_before_it_starts(workshop: Workshop) -> None:
    workshop.add(A, [code("1")])
    report = workshop.play(parameters={"sed": 1})
    assert report.exit_code == 1
    assert report.failure is not None
    assert report.failure.kind is FailureKind.NOTEBOOK
    assert "`sed`" in report.failure.what
    assert report.notebooks[0].executed is None


def test_a_cell_over_its_time_limit_is_named_and_stopped(workshop: Workshop) -> None:
    endless = "print('waiting for Redis')\nimport time\nwhile True: time.sleep(0.05)"
    workshop.add(A, [text("# Slow"), code(endless, metadata={"opchaos": {"timeout_s": 1}}), code("1")])
    started = time.monotonic()
    report = workshop.play()
    assert time.monotonic() - started < 15
    failure = report.failure
    assert failure is not None
    assert (failure.kind, failure.cell_number) == (FailureKind.TIME_LIMIT, 2)
    assert "time limit of 1 s" in failure.what
    assert "waiting for Redis" in failure.evidence
    assert "opchaos.timeout_s" in failure.fix
    assert failure.place == f"{A}, cell 2 “Slow”"


def test_a_cells_own_limit_goes_before_the_runs(workshop: Workshop) -> None:
    slow = "import time\nend = time.monotonic() + 1.5\nwhile time.monotonic() < end: time.sleep(0.05)"
    workshop.add(A, [code(slow, metadata={"opchaos": {"timeout_s": 60}}), code(slow)])
    failure = workshop.play(cell_timeout_s=1).failure
    assert failure is not None
    assert (failure.kind, failure.cell_number) == (FailureKind.TIME_LIMIT, 3)


def test_a_cell_that_cannot_be_interrupted_is_stopped_with_all_its_children(workshop: Workshop) -> None:
    stubborn = (
        "import signal, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], start_new_session=True)\n"
        "print(child.pid)\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "while True: time.sleep(0.05)"
    )
    workshop.add(A, [code(stubborn, metadata={"opchaos": {"timeout_s": 1}})])
    report = workshop.play()
    assert report.failure is not None
    assert report.failure.kind is FailureKind.TIME_LIMIT
    assert not psutil.pid_exists(int(workshop.printed(A)))


def test_a_killed_kernel_is_reported_without_a_hang(workshop: Workshop) -> None:
    workshop.add(
        A,
        [
            text("# End"),
            code("import os, signal\nprint('bye', flush=True)\nos.kill(os.getpid(), signal.SIGKILL)"),
        ],
    )
    workshop.add(B, [code("1")])
    started = time.monotonic()
    report = workshop.play()
    assert time.monotonic() - started < 15
    failure = report.failure
    assert failure is not None
    assert (failure.kind, failure.cell_number) == (FailureKind.DEAD_KERNEL, 2)
    assert "signal 9 (SIGKILL)" in failure.what
    assert "memory" in failure.fix
    assert report.notebooks[1].outcome is Outcome.NOT_PLAYED
    assert workshop.executed(A).cells


def test_a_kernel_that_exits_by_itself_is_reported_with_its_exit_code(workshop: Workshop) -> None:
    workshop.add(A, [code("import os\nos._exit(3)")])
    failure = workshop.play().failure
    assert failure is not None
    assert "exit code 3" in failure.what


def test_a_kernel_that_cannot_start_is_reported_with_its_log(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "ipykernel_launcher.py").write_text("raise SystemExit('no kernel today')", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(broken))
    workshop.add(A, [code("1")])
    failure = workshop.play().failure
    assert failure is not None
    assert failure.kind is FailureKind.KERNEL_START
    assert "no kernel today" in failure.evidence
    assert "opchaos doctor" in failure.fix


@pytest.mark.parametrize("content", ["{ not json", '{"cells": 3}'])
def test_a_broken_notebook_file_fails_in_its_turn(workshop: Workshop, content: str) -> None:
    workshop.add(A, [graded("1", "a", 1)])
    workshop.add(B, [])
    workshop.path(B).write_text(content, encoding="utf-8")
    workshop.add(C, [])
    report = workshop.play()
    assert [r.outcome for r in report.notebooks] == [Outcome.PASS, Outcome.FAIL, Outcome.NOT_PLAYED]
    assert report.failure is not None
    assert "broken" in report.failure.what


def test_a_broken_notebook_that_was_not_reached_is_not_played(workshop: Workshop) -> None:
    workshop.add(A, [code("1/0")])
    workshop.add(B, [])
    workshop.path(B).write_text("{", encoding="utf-8")
    report = workshop.play()
    assert [r.outcome for r in report.notebooks] == [Outcome.FAIL, Outcome.NOT_PLAYED]


def test_a_notebook_without_kernelspec_or_with_a_missing_kernel_fails(workshop: Workshop) -> None:
    for phase, spec in ((A, {}), (B, {**KERNELSPEC, "name": "julia"})):
        path = workshop.add(phase, [code("1")])
        notebook = nbformat.read(path, as_version=4)
        notebook.metadata = {"kernelspec": spec} if spec else {}
        nbformat.write(notebook, path)
    for phase, words in ((A, "no kernelspec"), (B, "`julia`")):
        failure = workshop.play(only=[phase]).failure
        assert failure is not None
        assert words in failure.what


def test_the_mission_of_the_run_before_is_kept(workshop: Workshop) -> None:
    source = "import os, pathlib\nhome = pathlib.Path(os.environ['OPCHAOS_HOME'])\nprint((home / 'mine').exists())\n(home / 'mine').write_text('x')"
    workshop.add(A, [code(source)])
    assert workshop.play().previous_mission is None
    for _ in range(2):
        report = workshop.play()
        assert workshop.printed(A) == "False\n"
        assert report.previous_mission is not None
        assert (report.previous_mission / "mine").read_text() == "x"
    assert len(list(workshop.out.glob("mission-*/mine"))) == 2


def test_old_results_do_not_stay_beside_new_ones(workshop: Workshop) -> None:
    workshop.add(A, [code("1")])
    workshop.add(B, [code("1")])
    workshop.play()
    workshop.play(only=[B])
    assert [path.name for path in (workshop.out / "notebooks").iterdir()] == [f"{B}.ipynb"]
    assert [path.name for path in (workshop.out / "html").iterdir()] == [f"{B}.html"]


def test_a_folder_with_other_files_is_not_taken_for_out(workshop: Workshop) -> None:
    workshop.add(A, [code("1")])
    workshop.out.mkdir()
    (workshop.out / "thesis.doc").write_text("x")
    with pytest.raises(InvalidInput) as raised:
        workshop.play()
    assert raised.value.evidence == "thesis.doc"
    assert "--out" in raised.value.fix
    assert [path.name for path in workshop.out.iterdir()] == ["thesis.doc"]


def test_an_out_that_is_a_file_is_refused(workshop: Workshop) -> None:
    workshop.add(A, [code("1")])
    workshop.out.write_text("x")
    with pytest.raises(InvalidInput, match="cannot be written"):
        workshop.play()


@pytest.mark.parametrize(
    ("number", "kind"), [(errno.ENOSPC, DiskFull), (errno.EDQUOT, DiskFull), (errno.EROFS, InvalidInput)]
)
def test_a_report_that_cannot_be_written_says_why(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, number: int, kind: type[ChaosError]
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    workshop.add(A, [code("1")])
    monkeypatch.setattr("chaos_lib.headless.writing.write_report", refuse)
    with pytest.raises(kind) as raised:
        workshop.play()
    assert str(workshop.out) in raised.value.what
    assert os.strerror(number) in raised.value.evidence
    assert "--out" in raised.value.fix


def test_an_executed_notebook_that_cannot_be_saved_fails_and_leaves_no_kernel(workshop: Workshop) -> None:
    before = len(psutil.Process().children(recursive=True))
    spoil = (
        "import os, pathlib\n"
        f"path = pathlib.Path(os.environ['OPCHAOS_HOME']).parent / 'notebooks' / '{A}.ipynb'\n"
        "path.unlink()\npath.mkdir()"
    )
    workshop.add(A, [code(spoil)])
    report = workshop.play()
    assert report.exit_code == 1
    assert report.failure is not None
    assert "could not be written" in report.failure.what
    assert "directory" in report.failure.evidence
    assert "room" in report.failure.fix
    assert len(psutil.Process().children(recursive=True)) <= before


def test_a_second_run_on_the_same_folder_is_refused(workshop: Workshop) -> None:
    workshop.add(A, [code("1")])
    with OutFolder(workshop.out).prepared(), pytest.raises(LabBusy) as raised:
        workshop.play()
    assert "right now" in raised.value.what
    assert str(workshop.out) in raised.value.evidence
    assert "--out" in raised.value.fix


def test_a_damaged_mission_log_is_a_note_and_not_the_end_of_the_report(workshop: Workshop) -> None:
    workshop.add(
        A,
        [
            code(
                "import os, pathlib\npathlib.Path(os.environ['OPCHAOS_HOME'], 'state/mission.sqlite').write_bytes(b'no database' * 100)"
            )
        ],
    )
    report = workshop.play()
    assert report.exit_code == 0
    assert "mission log cannot be read" in report.notes[0]
    assert "mission log cannot be read" in (workshop.out / "report.html").read_text(encoding="utf-8")


def test_a_folder_with_braces_in_its_name_is_no_template(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path / "{seed} and {x}")
    workshop.add(A, [code("1")])
    assert workshop.play(parameters={"seed": 1}).exit_code == 0


def test_with_everything_to_be_played_a_failure_does_not_hold_up_the_rest(workshop: Workshop) -> None:
    workshop.add(A, [code("1/0")])
    workshop.add(B, [code("1")])
    report = play(replace(workshop.plan(), stops_at_first_failure=False))
    assert [r.outcome for r in report.notebooks] == [Outcome.FAIL, Outcome.PASS]
    assert report.exit_code == 1


def test_nothing_is_left_running(workshop: Workshop) -> None:
    before = {process.pid for process in psutil.Process(os.getpid()).children(recursive=True)}
    workshop.add(A, [code("1")])
    workshop.add(B, [code("1/0")])
    workshop.play()
    assert {process.pid for process in psutil.Process(os.getpid()).children(recursive=True)} <= before


def test_each_result_is_told_when_its_notebook_ends(workshop: Workshop) -> None:
    workshop.add(A, [code("1")])
    workshop.add(B, [parameters()])  # two parameters cells
    workshop.play()
    told: list[Any] = [e.result.outcome for e in workshop.events if isinstance(e, NotebookFinished)]
    assert told == [Outcome.PASS, Outcome.FAIL]
    assert ElementTree.parse(workshop.out / "junit.xml").getroot().get("failures") == "1"
