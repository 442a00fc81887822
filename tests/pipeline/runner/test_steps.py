"""Each step does what Jenkins's does."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from chaos_lib.pipeline.protocol import BuildResult, InputAnswer, InputQuestion, JUnitCounts
from tests.pipeline.runner.conftest import Bench, lines, one_stage

GREEN = """<testsuite><testcase name="a"/><testcase name="b"><skipped/></testcase></testsuite>"""
RED = """<testsuites><testsuite><testcase name="a"><failure message="m"/></testcase>
<testcase name="b"/></testsuite></testsuites>"""


def test_sh_traces_its_commands_and_stops_at_the_first_that_fails(bench: Bench) -> None:
    record = bench.steps("sh '''echo one\nfalse\necho two'''")

    assert lines(record) == ["+ echo one", "one", "+ false", "ERROR: script returned exit code 1"]
    assert record.result is BuildResult.FAILURE
    assert record.error == "ERROR: script returned exit code 1"


def test_sh_returns_what_is_asked_for(bench: Bench) -> None:
    record = bench.steps("""script {
        def said = sh(script: 'echo hello; echo aside >&2', returnStdout: true).trim()
        def code = sh(script: 'exit 7', returnStatus: true)
        echo "said ${said}, code ${code}"
    }""")

    assert lines(record)[-1] == "said hello, code 7"
    assert "hello" not in lines(record)[:-1]
    assert "aside" in lines(record)
    assert record.result is BuildResult.SUCCESS


def test_sh_shows_its_label_and_follows_a_shebang(bench: Bench) -> None:
    record = bench.steps("""sh label: 'a python', script: '''#!/usr/bin/env python3
print(6 * 7)
'''""")

    assert "[Pipeline] sh (a python)" in record.log
    assert lines(record) == ["42"]


def test_a_background_process_does_not_hold_the_build_and_does_not_outlive_it(bench: Bench) -> None:
    record = bench.steps("sh 'sleep 600 & echo $! > pid'")

    pid = (bench.workspace / "pid").read_text().strip()
    assert record.seconds < 60
    assert not Path(f"/proc/{pid}").exists() or "zombie" in Path(f"/proc/{pid}/status").read_text()


def test_variables_reach_the_shell_and_groovy(bench: Bench) -> None:
    record = bench.run(
        one_stage(
            """sh 'echo "$A|$B|$C|$STAGE_NAME|$JOB_NAME|$BUILD_NUMBER"'
            withEnv(['A=inner', 'PATH+EXTRA=/extra']) {
                sh 'echo "$A"; case "$PATH" in /extra:*) echo first;; esac'
                echo "${env.A} ${A}"
            }
            script { env.SET = 'later'; env.A = 'ignored' }
            sh 'echo "$SET $A"'""",
            before="environment { A = 'outer'; B = \"${A}-${C}\"; C = 'c' + 'd' }",
        )
    )

    said = [line for line in lines(record) if not line.startswith("+ ")]
    assert said == ["outer|outer-cd|cd|Only|pipeline|1", "inner", "first", "inner inner", "later outer"]


def test_a_variable_of_a_stage_may_build_on_the_one_around_it(bench: Bench) -> None:
    record = bench.run(
        one_stage(
            'echo "${WHO}"',
            before="environment { WHO = 'you' }",
            within='environment { WHO = "dear ${env.WHO}" }',
        )
    )

    assert lines(record) == ["dear you"]


def test_files_are_written_read_and_deleted_in_the_workspace(bench: Bench) -> None:
    record = bench.steps("""dir('sub/deep') {
        writeFile file: 'note.txt', text: 'kept'
        script { echo "${readFile('note.txt')} ${fileExists('note.txt')} ${fileExists('other')} ${isUnix()}" }
        script { echo pwd().endsWith('sub/deep').toString() }
    }
    dir('sub') { deleteDir() }""")

    assert "kept true false true" in lines(record)
    assert "true" in lines(record)
    assert list((bench.workspace / "sub").iterdir()) == []


@pytest.mark.parametrize(
    "step",
    ["writeFile file: '../out.txt', text: 'x'", "dir('/tmp') { deleteDir() }", "dir('..') { echo 'x' }"],
)
def test_nothing_outside_of_the_workspace_is_touched(bench: Bench, step: str) -> None:
    (bench.workspace.parent / "out.txt").write_text("mine")

    record = bench.steps(step)

    assert record.result is BuildResult.FAILURE
    assert "outside of the workspace" in record.error
    assert (bench.workspace.parent / "out.txt").read_text() == "mine"


def test_a_missing_file_is_named(bench: Bench) -> None:
    record = bench.steps("script { readFile('nowhere.txt') }")

    assert record.error == f"java.nio.file.NoSuchFileException: {bench.workspace}/nowhere.txt"


def test_stash_keeps_files_for_later(bench: Bench) -> None:
    record = bench.steps("""sh 'mkdir -p a/b .git; touch a/b/x.txt a/y.log .git/secret'
    stash name: 'all', includes: '**/*.txt, a/*.log', excludes: '**/*.tmp'
    deleteDir()
    unstash 'all'
    sh 'find . -type f | sort'""")

    assert "Stashed 2 file(s)" in lines(record)
    assert lines(record)[-2:] == ["./a/b/x.txt", "./a/y.log"]


def test_an_unknown_stash_fails(bench: Bench) -> None:
    assert bench.steps("unstash 'none'").error == "ERROR: No such saved stash ‘none’"


def test_artifacts_are_kept_with_the_build(bench: Bench) -> None:
    record = bench.steps("""sh 'mkdir -p dist/deep; echo 1 > dist/a.whl; echo 2 > dist/deep/b.whl'
    archiveArtifacts artifacts: 'dist/**/*.whl', fingerprint: true""")

    assert record.artifacts == ("dist/a.whl", "dist/deep/b.whl")
    assert record.folder is not None
    assert (record.folder / "archive/dist/deep/b.whl").read_text() == "2\n"


def test_no_artifacts_are_an_error_unless_allowed(bench: Bench) -> None:
    red = bench.steps("archiveArtifacts 'none/*.x'")
    green = bench.steps("archiveArtifacts artifacts: 'none/*.x', allowEmptyArchive: true")

    assert (
        red.error == 'ERROR: No artifacts found that match the file pattern "none/*.x". Configuration error?'
    )
    assert green.result is BuildResult.SUCCESS


def test_green_reports_are_counted(bench: Bench) -> None:
    (bench.workspace / "report.xml").write_text(GREEN)

    record = bench.steps("junit '*.xml'")

    assert record.tests == JUnitCounts(total=2, failed=0, skipped=1)
    assert record.result is BuildResult.SUCCESS
    assert record.folder is not None
    assert (record.folder / "junit/report.xml").read_text() == GREEN


def test_failed_tests_make_stage_and_build_unstable(bench: Bench) -> None:
    (bench.workspace / "report.xml").write_text(RED)

    record = bench.run(
        one_stage("junit 'report.xml'", after="post { unstable { echo 'so so' }; success { echo 'good' } }")
    )

    assert record.tests == JUnitCounts(total=2, failed=1, skipped=0)
    assert record.result is BuildResult.UNSTABLE
    assert record.stage("Only").status.value == "UNSTABLE"  # type: ignore[union-attr]
    assert "so so" in lines(record)
    assert "good" not in lines(record)


@pytest.mark.parametrize("content", [None, "<testsuite/>"])
def test_a_report_without_tests_is_an_error(bench: Bench, content: str | None) -> None:
    if content is not None:
        (bench.workspace / "report.xml").write_text(content)

    assert bench.steps("junit 'report.xml'").result is BuildResult.FAILURE
    assert (
        bench.steps("junit testResults: 'report.xml', allowEmptyResults: true").result is BuildResult.SUCCESS
    )


def test_a_broken_report_names_its_file(bench: Bench) -> None:
    (bench.workspace / "report.xml").write_text("<testsuite>")

    assert "Failed to read test report file" in bench.steps("junit 'report.xml'").error


def test_retry_succeeds_when_a_later_try_does(bench: Bench) -> None:
    record = bench.steps("retry(3) { sh 'echo x >> tries; test $(wc -l < tries) -ge 2' }")

    assert record.result is BuildResult.SUCCESS
    assert record.log.count("Retrying") == 1


def test_timeout_ends_the_step_and_aborts_the_build(bench: Bench) -> None:
    record = bench.run(
        one_stage(
            "timeout(time: 300, unit: 'MILLISECONDS') { sh 'sleep 600' }",
            after="post { aborted { echo 'was aborted' }; failure { echo 'failed' } }",
        )
    )

    assert record.result is BuildResult.ABORTED
    said = lines(record)
    assert "Cancelling nested steps due to timeout" in said
    assert "Sending interrupt signal to process" in said
    assert "was aborted" in said
    assert "failed" not in said
    assert said[-1] == "Timeout has been exceeded"
    assert record.seconds < 60


def test_catch_error_goes_on(bench: Bench) -> None:
    record = bench.steps("""catchError(buildResult: 'UNSTABLE', stageResult: 'FAILURE', message: 'hm') { sh 'exit 2' }
    echo 'next'""")

    assert lines(record)[-3:] == ["ERROR: hm", "ERROR: script returned exit code 2", "next"]
    assert record.result is BuildResult.UNSTABLE
    assert record.stage("Only").status.value == "FAILED"  # type: ignore[union-attr]


def test_warn_error_and_unstable_make_unstable(bench: Bench) -> None:
    assert bench.steps("warnError('oh') { error 'x' }").result is BuildResult.UNSTABLE
    record = bench.steps("unstable 'not good'\necho 'next'")
    assert lines(record) == ["WARNING: not good", "next"]
    assert record.result is BuildResult.UNSTABLE


def test_wait_until_repeats_its_block(bench: Bench) -> None:
    record = bench.steps("""script {
        def n = 0
        waitUntil(initialRecurrencePeriod: 1, quiet: true) { n++; return n >= 3 }
        echo "after ${n}"
    }""")

    assert lines(record)[-1] == "after 3"


def test_parallel_in_a_script_returns_what_its_branches_do(bench: Bench) -> None:
    record = bench.steps("""script {
        def made = parallel(one: { return 1 }, two: { echo 'in two'; return 2 })
        echo "${made.one + made.two}"
    }""")

    assert "[Pipeline] { (Branch: two)" in record.log
    assert lines(record)[-1] == "3"


def test_stage_and_node_in_a_script(bench: Bench) -> None:
    record = bench.steps("script { stage('Inner') { node { echo 'here' } } }")

    inner = record.stage("Inner")
    assert inner is not None
    assert inner.parent == record.stage("Only").id  # type: ignore[union-attr]
    assert "here" in lines(record)


def test_an_unknown_step_is_named_as_jenkins_does(bench: Bench) -> None:
    record = bench.steps("shh 'make'")

    assert record.error.startswith(
        "java.lang.NoSuchMethodError: No such DSL method 'shh' found among steps [archiveArtifacts, bat,"
    )
    assert "\tat WorkflowScript.run(WorkflowScript:" in record.log
    assert record.log.endswith("Finished: FAILURE\n")


@pytest.mark.parametrize(
    "step", ["build 'other'", "git 'https://example.invalid/x.git'", "script { docker.build('x') }"]
)
def test_what_needs_a_controller_says_so(bench: Bench, step: str) -> None:
    assert "is not supported here. Run this pipeline on a Jenkins controller." in bench.steps(step).error


def test_checkout_scm_is_the_workspace_itself(bench: Bench) -> None:
    (bench.workspace / "file").write_text("there")

    assert "there" in lines(bench.steps("checkout scm\nsh 'cat file'"))


def test_input_goes_on_by_itself_and_asks_where_somebody_is(bench: Bench) -> None:
    asked: list[InputQuestion] = []

    def ask(question: InputQuestion) -> InputAnswer:
        asked.append(question)
        return InputAnswer(True, {"WHERE": "prod"}, "ann")

    step = "script { def to = input(message: 'Deploy?', ok: 'Go', parameters: [string(name: 'WHERE', defaultValue: 'test')])\necho \"to ${to}\" }"
    alone, answered = bench.steps(step), bench.steps(step, ask=ask)

    assert lines(alone)[-1] == "to test"
    assert lines(answered)[-1] == "to prod"
    assert asked == [InputQuestion("Deploy?", "Go", {"WHERE": "test"})]
    assert "Approved by ann" in lines(answered)


def test_a_no_aborts(bench: Bench) -> None:
    record = bench.steps("input 'Sure?'", ask=lambda _: InputAnswer(False, submitter="ann"))

    assert record.result is BuildResult.ABORTED
    assert lines(record)[-1] == "Rejected by ann"


def test_an_input_that_nobody_answers_can_time_out(bench: Bench) -> None:
    never = threading.Event()

    def ask(_: InputQuestion) -> InputAnswer:
        never.wait(60)
        return InputAnswer(True)

    record = bench.steps("timeout(time: 100, unit: 'MILLISECONDS') { input 'Sure?' }", ask=ask)
    never.set()

    assert record.result is BuildResult.ABORTED
    assert lines(record)[-1] == "Timeout has been exceeded"


def test_timestamps_stand_in_front_of_every_line(bench: Bench) -> None:
    record = bench.steps("timestamps { sh 'echo one; echo two' }")

    stamped = [line for line in record.log.splitlines() if line.endswith(("] one", "] two"))]
    assert len(stamped) == 2
    assert all(line[:5] == "[20" + line[3:5] and "Z] " in line for line in stamped)


def test_sleep_says_how_long(bench: Bench) -> None:
    assert lines(bench.steps("sleep time: 1, unit: 'MILLISECONDS'")) == ["Sleeping for 1 ms"]
