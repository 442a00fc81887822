"""An aborted build ends everything it started, and only that."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from chaos_lib.errors import WaitTimeout
from chaos_lib.pipeline.protocol import BuildResult, StageRecord, run
from chaos_lib.wait import Reading, wait_until
from tests.pipeline.runner.conftest import TIMEOUT_S, Bench, lines, one_stage

# A child, a grandchild that ignores SIGTERM, and one in a session of its own.
TREE = """(trap "" TERM; sh -c "echo \\$\\$ > stubborn; while :; do sleep 1; done") &
setsid sh -c "echo \\$\\$ > apart; sleep 600" &
echo $$ > shell
sleep 600
"""


def exists(path: Path) -> None:
    wait_until(
        f"{path.name} is written",
        lambda: Reading(path.exists() and bool(path.read_text())),
        timeout_s=TIMEOUT_S,
    )


def is_alive(path: Path) -> bool:
    try:
        return psutil.Process(int(path.read_text())).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_an_abort_ends_the_whole_tree_and_post_still_runs(bench: Bench) -> None:
    build = bench.start(
        one_stage(
            f"sh '''{TREE}'''",
            within="post { aborted { sh 'echo stage post' } }",
            after="post { always { echo 'after' } }",
        )
    )
    trees = [bench.workspace / name for name in ("shell", "stubborn", "apart")]
    for path in trees:
        exists(path)

    build.abort("ann")
    record = build.wait(TIMEOUT_S)

    assert record.result is BuildResult.ABORTED
    assert [path.name for path in trees if is_alive(path)] == []
    said = lines(record)
    assert (
        said.index("Aborted by ann") < said.index("Sending interrupt signal to process") < said.index("after")
    )
    assert "stage post" in said
    assert record.stage("Only").status.value == "ABORTED"  # type: ignore[union-attr]


def test_a_second_abort_interrupts_post(bench: Bench) -> None:
    build = bench.start(
        one_stage("sh 'touch a; sleep 600'", after="post { always { sh 'echo > b; sleep 600' } }")
    )
    wait_until("the step runs", lambda: Reading((bench.workspace / "a").exists()), timeout_s=TIMEOUT_S)
    build.abort()
    wait_until("post runs", lambda: Reading((bench.workspace / "b").exists()), timeout_s=TIMEOUT_S)
    build.abort()

    assert build.wait(TIMEOUT_S).result is BuildResult.ABORTED


def test_an_abort_reaches_every_branch(bench: Bench) -> None:
    build = bench.start("""pipeline { agent any
      stages { stage('P') { parallel {
        stage('a') { steps { sh 'touch a; sleep 600' } }
        stage('b') { steps { sh 'touch b; sleep 600' } } } }
        stage('Later') { steps { echo 'never' } } } }""")
    for name in "ab":
        wait_until(
            f"{name} runs", lambda name=name: Reading((bench.workspace / name).exists()), timeout_s=TIMEOUT_S
        )

    build.abort()
    record = build.wait(TIMEOUT_S)

    assert record.result is BuildResult.ABORTED
    assert "never" not in lines(record)
    assert {stage.name: stage.status.value for stage in record.stages} == {
        "P": "ABORTED", "a": "ABORTED", "b": "ABORTED", "Later": "NOT_EXECUTED",
    }  # fmt: skip


def test_an_abort_of_a_finished_build_changes_nothing(bench: Bench) -> None:
    build = bench.start(one_stage("echo 'x'"))
    record = build.wait(TIMEOUT_S)

    build.abort()

    assert build.wait(0) == record


def test_waiting_has_a_limit_that_says_what_it_saw(bench: Bench) -> None:
    build = bench.start(one_stage("echo 'so far'\nsh 'touch a; sleep 600'"))
    wait_until("the step runs", lambda: Reading((bench.workspace / "a").exists()), timeout_s=TIMEOUT_S)

    with pytest.raises(WaitTimeout) as caught:
        build.wait(0.01)
    build.abort()
    build.wait(TIMEOUT_S)

    assert "so far" in caught.value.evidence


def test_a_run_over_its_time_is_aborted_in_good_order(bench: Bench) -> None:
    request = bench.request(one_stage("sh 'sleep 600'", after="post { always { echo 'after' } }"))

    record = run(bench.runner, request, timeout_s=0.2)

    assert record.result is BuildResult.ABORTED
    assert "after" in lines(record)


def test_builds_of_a_job_that_wants_to_be_alone_wait_for_each_other(bench: Bench) -> None:
    text = one_stage(
        "sh 'test ! -e busy; touch busy; while [ ! -e go ]; do sleep 0.01; done; rm busy'",
        before="options { disableConcurrentBuilds() }",
    )
    first = bench.start(text)
    wait_until("the first runs", lambda: Reading((bench.workspace / "busy").exists()), timeout_s=TIMEOUT_S)
    second = bench.start(text)
    assert second.stages == ()

    (bench.workspace / "go").touch()

    assert first.wait(TIMEOUT_S).result is BuildResult.SUCCESS
    assert second.wait(TIMEOUT_S).result is BuildResult.SUCCESS
    assert (first.number, second.number) == (1, 2)


def test_a_build_that_waits_for_its_turn_can_be_aborted(bench: Bench) -> None:
    text = one_stage("sh 'touch busy; sleep 600'", before="options { disableConcurrentBuilds() }")
    first = bench.start(text)
    wait_until("the first runs", lambda: Reading((bench.workspace / "busy").exists()), timeout_s=TIMEOUT_S)
    second = bench.start(text)

    second.abort()
    assert second.wait(TIMEOUT_S).result is BuildResult.ABORTED
    first.abort()
    first.wait(TIMEOUT_S)


def test_the_log_of_a_stage_can_be_read_while_it_runs(bench: Bench) -> None:
    said = threading.Event()

    class Watch:
        def text(self, text: str) -> None:
            if "working" in text:
                said.set()

        def stage(self, record: StageRecord) -> None:
            pass

    build = bench.runner.start(bench.request(one_stage("sh 'echo working; sleep 600'")), Watch())
    assert said.wait(TIMEOUT_S)

    stage = build.stages[0]
    assert stage.status.value == "IN_PROGRESS"
    assert "working" in build.stage_log(stage.id)
    build.abort()
    build.wait(TIMEOUT_S)


def test_what_a_killed_program_left_is_ended_by_the_next_build(bench: Bench) -> None:
    program = f"""
import sys
from pathlib import Path
from chaos_lib.credentials import CredentialStore
from chaos_lib.pipeline.protocol import BuildRequest
from chaos_lib.pipeline.runner.engine import Runner
runner = Runner(Path({str(bench.builds)!r}), CredentialStore(Path({str(bench.builds)!r}) / "none"))
text = {one_stage("sh 'echo $$ > left; sleep 600'")!r}
runner.start(BuildRequest(text, Path({str(bench.workspace)!r}))).wait(600)
"""
    child = subprocess.Popen([sys.executable, "-c", program], env=dict(os.environ))
    exists(bench.workspace / "left")
    child.send_signal(signal.SIGKILL)
    child.wait(TIMEOUT_S)
    assert is_alive(bench.workspace / "left")

    record = bench.run(one_stage("echo 'next'"))

    assert record.number == 2
    assert not is_alive(bench.workspace / "left")


def test_ctrl_c_in_the_program_leaves_nothing_running(bench: Bench) -> None:
    program = f"""
from pathlib import Path
from chaos_lib.credentials import CredentialStore
from chaos_lib.pipeline.protocol import BuildRequest, run
from chaos_lib.pipeline.runner.engine import Runner
runner = Runner(Path({str(bench.builds)!r}), CredentialStore(Path({str(bench.builds)!r}) / "none"))
text = {one_stage("sh 'echo $$ > left; sleep 600'", after="post { always { echo 'after' } }")!r}
print(run(runner, BuildRequest(text, Path({str(bench.workspace)!r}), user="ann"), timeout_s=600).log)
"""
    child = subprocess.Popen(
        [sys.executable, "-c", program], env=dict(os.environ), stdout=subprocess.PIPE, text=True
    )
    exists(bench.workspace / "left")

    child.send_signal(signal.SIGINT)
    said, _ = child.communicate(timeout=TIMEOUT_S)

    assert "Aborted by ann" in said
    assert "after" in said
    assert said.rstrip().endswith("Finished: ABORTED")
    assert not is_alive(bench.workspace / "left")
