"""Which stages run, which are skipped, and what comes after them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chaos_lib.errors import InvalidInput, InvalidPipeline
from chaos_lib.pipeline.protocol import BuildRecord, BuildResult, InputAnswer, StageStatus
from tests.pipeline.runner.conftest import Bench, Recorder, lines, one_stage


def statuses(record: BuildRecord) -> dict[str, str]:
    return {stage.name: stage.status.value for stage in record.stages}


CONDITIONS: dict[str, tuple[bool, dict[str, Any]]] = {
    "branch 'main'": (True, {"environment": {"BRANCH_NAME": "main"}}),
    "branch 'ma*'": (True, {"environment": {"GIT_LOCAL_BRANCH": "main"}}),
    "branch 'rel/**'": (True, {"environment": {"BRANCH_NAME": "rel/1/2"}}),
    "branch 'main' ": (False, {"environment": {"BRANCH_NAME": "other"}}),
    "branch pattern: 'v\\\\d+', comparator: 'REGEXP'": (True, {"environment": {"BRANCH_NAME": "v12"}}),
    "environment name: 'A', value: 'b'": (True, {"environment": {"A": "b"}}),
    "environment name: 'A', value: 'B', ignoreCase: true": (True, {"environment": {"A": "b"}}),
    "environment name: 'A', value: 'c'": (False, {"environment": {"A": "b"}}),
    "equals expected: 1, actual: currentBuild.number": (True, {}),
    "expression { env.A == 'b' && true }": (True, {"environment": {"A": "b"}}),
    "expression { 'false' }": (False, {}),
    "not { branch 'main' }": (True, {"environment": {"BRANCH_NAME": "x"}}),
    "allOf { expression { true }; expression { false } }": (False, {}),
    "anyOf { expression { true }; expression { false } }": (True, {}),
    "buildingTag()": (True, {"environment": {"TAG_NAME": "v1"}}),
    "buildingTag() ": (False, {}),
    "tag 'release-*'": (True, {"environment": {"TAG_NAME": "release-1"}}),
    "tag pattern: 'v1', comparator: 'EQUALS'": (False, {"environment": {"TAG_NAME": "v2"}}),
    "changeRequest()": (True, {"environment": {"CHANGE_ID": "7"}}),
    "changeRequest() ": (False, {}),
    "changeRequest target: 'main'": (False, {"environment": {"CHANGE_ID": "7", "CHANGE_TARGET": "dev"}}),
    "changeset '**/*.py'": (False, {}),
    "triggeredBy 'UserIdCause'": (True, {}),
    "triggeredBy cause: 'UserIdCause', detail: 'ann'": (True, {"user": "ann"}),
    "triggeredBy 'TimerTrigger'": (True, {"cause": "TimerTrigger"}),
    "triggeredBy 'TimerTrigger' ": (False, {}),
    "isRestartedRun()": (False, {}),
}


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_condition_decides(bench: Bench, condition: str) -> None:
    runs, changes = CONDITIONS[condition]

    record = bench.run(one_stage("echo 'ran'", within=f"when {{ {condition} }}"), **changes)

    assert record.result is BuildResult.SUCCESS
    assert ("ran" in lines(record)) is runs
    assert statuses(record) == {"Only": "SUCCESS" if runs else "NOT_EXECUTED"}
    if not runs:
        assert record.stages[0].skipped == 'Stage "Only" skipped due to when conditional'


def test_when_is_asked_before_the_agent_where_that_is_wished(bench: Bench) -> None:
    late = one_stage("echo 'x'", within="agent { label 'linux' }\nwhen { expression { false } }")
    early = late.replace("when {", "when { beforeAgent true;")

    assert bench.run(late).log.count("Running on Jenkins") == 2
    assert bench.run(early).log.count("Running on Jenkins") == 1


def test_when_before_input_and_before_options(bench: Bench) -> None:
    asked = []
    text = one_stage(
        "echo 'x'",
        within="""options { timeout(time: 1, unit: 'HOURS') }
            input { message 'Go?' }
            when { beforeInput true; expression { false } }""",
    )

    before_input = bench.run(text, ask=lambda q: asked.append(q) or InputAnswer(True))
    before_options = bench.run(text.replace("beforeInput", "beforeOptions"))

    assert asked == []
    assert "[Pipeline] timeout" in before_input.log
    assert "[Pipeline] timeout" not in before_options.log


def test_the_input_of_a_stage_sets_variables(bench: Bench) -> None:
    text = one_stage(
        'echo "to ${WHERE} by ${WHO}"',
        within="""input { message 'Deploy?'; ok 'Go'; submitterParameter 'WHO'
            parameters { choice(name: 'WHERE', choices: ['test', 'prod']) } }""",
    )

    assert lines(bench.run(text))[-1] == "to test by anonymous"
    assert (
        lines(bench.run(text, ask=lambda _: InputAnswer(True, {"WHERE": "prod"}, "ann")))[-1]
        == "to prod by ann"
    )


def test_post_runs_in_the_order_of_jenkins_and_sees_the_previous_build(bench: Bench) -> None:
    names = [
        "cleanup",
        "failure",
        "success",
        "unsuccessful",
        "regression",
        "fixed",
        "changed",
        "always",
        "aborted",
    ]
    post = "post {\n" + "\n".join(f"{name} {{ echo 'post {name}' }}" for name in names) + "\n}"
    text = one_stage(
        'sh "exit ${params.CODE}"',
        before="parameters { string(name: 'CODE', defaultValue: '0') }",
        after=post,
    )

    def said(code: str) -> list[str]:
        record = bench.run(text, parameters={"CODE": code})
        return [line.removeprefix("post ") for line in lines(record) if line.startswith("post ")]

    assert said("0") == ["always", "changed", "success", "cleanup"]
    assert said("0") == ["always", "success", "cleanup"]
    assert said("1") == ["always", "changed", "regression", "unsuccessful", "failure", "cleanup"]
    assert said("1") == ["always", "unsuccessful", "failure", "cleanup"]
    assert said("0") == ["always", "changed", "fixed", "success", "cleanup"]


def test_an_error_in_post_is_shown_and_the_rest_still_runs(bench: Bench) -> None:
    record = bench.run(
        one_stage(
            "echo 'ok'",
            after="post { always { error 'in post' }\n success { echo 'no' }\n failure { echo 'yes' } }",
        )
    )

    said = lines(record)
    assert (
        said[said.index("Error when executing always post condition:") + 1]
        == "hudson.AbortException: in post"
    )
    assert "yes" in said
    assert "no" not in said
    assert record.result is BuildResult.FAILURE
    assert record.error == "ERROR: in post"


def test_unstable_skips_later_stages_only_where_that_is_wished(bench: Bench) -> None:
    text = """pipeline {
        agent any
        OPTIONS
        stages { stage('A') { steps { unstable 'hm' } }
                 stage('B') { steps { echo 'ran' } } }
    }"""

    goes_on = bench.run(text.replace("OPTIONS", ""))
    stops = bench.run(text.replace("OPTIONS", "options { skipStagesAfterUnstable() }"))

    assert statuses(goes_on) == {"A": "UNSTABLE", "B": "SUCCESS"}
    assert statuses(stops) == {"A": "UNSTABLE", "B": "NOT_EXECUTED"}
    assert 'Stage "B" skipped due to earlier stage(s) marking the build as unstable' in lines(stops)
    assert stops.result is BuildResult.UNSTABLE


PARALLEL = """pipeline {
    agent any
    OPTIONS
    stages { stage('Both') {
        FAILFAST
        parallel {
            stage('Bad') { steps { sh 'while [ ! -e started ]; do sleep 0.01; done; exit 3' } }
            stage('Slow') { steps { sh 'touch started; SLOW' }
                            post { aborted { echo 'slow was aborted' } } }
        } } }
}"""


@pytest.mark.parametrize(
    ("options", "fail_fast"), [("", "failFast true"), ("options { parallelsAlwaysFailFast() }", "")]
)
def test_fail_fast_ends_the_other_branches(bench: Bench, options: str, fail_fast: str) -> None:
    text = PARALLEL.replace("OPTIONS", options).replace("FAILFAST", fail_fast).replace("SLOW", "sleep 600")

    record = bench.run(text)

    assert record.result is BuildResult.FAILURE
    assert record.error == "ERROR: script returned exit code 3"
    assert "slow was aborted" in lines(record)
    assert statuses(record) == {"Both": "FAILED", "Bad": "FAILED", "Slow": "ABORTED"}
    assert record.seconds < 60


def test_without_fail_fast_the_other_branches_go_on(bench: Bench) -> None:
    record = bench.run(PARALLEL.replace("OPTIONS", "").replace("FAILFAST", "").replace("SLOW", "echo done"))

    assert "done" in lines(record)
    assert statuses(record) == {"Both": "FAILED", "Bad": "FAILED", "Slow": "SUCCESS"}


def test_branches_run_at_the_same_time_and_their_lines_stand_together(bench: Bench) -> None:
    # Each waits for the other's file: one after the other they would wait for ever.
    wait = (
        "touch $STAGE_NAME; echo $STAGE_NAME 1; while [ ! -e OTHER ]; do sleep 0.01; done; echo $STAGE_NAME 2"
    )
    text = f"""pipeline {{ agent any
      options {{ timeout(time: 1, unit: 'MINUTES') }}
      stages {{ stage('P') {{ parallel {{
        stage('a') {{ steps {{ sh '{wait.replace("OTHER", "b")}' }} }}
        stage('b') {{ steps {{ sh '{wait.replace("OTHER", "a")}' }} }}
    }} }} }} }}"""

    record = bench.run(text)

    assert record.result is BuildResult.SUCCESS
    assert [line for line in lines(record) if line in ("a 1", "a 2", "b 1", "b 2")] == [
        "a 1",
        "a 2",
        "b 1",
        "b 2",
    ]


def test_a_matrix_runs_every_cell_that_is_not_excluded(bench: Bench) -> None:
    record = bench.run("""pipeline { agent none
      stages { stage('M') { matrix {
        agent any
        axes { axis { name 'OS'; values 'linux', 'mac' }
               axis { name 'PY'; values '3.10', '3.13' } }
        excludes { exclude { axis { name 'OS'; values 'mac' }
                             axis { name 'PY'; notValues '3.13' } } }
        environment { BOTH = "${OS}-${PY}" }
        stages { stage('Build') { steps { sh 'echo "cell $BOTH"' } } }
    } } } }""")

    assert [line for line in lines(record) if line.startswith("cell")] == [
        "cell linux-3.10",
        "cell linux-3.13",
        "cell mac-3.13",
    ]
    assert "[Pipeline] { (Branch: Matrix - OS = 'linux', PY = '3.10')" in record.log


def test_stage_ids_and_their_order_are_the_same_in_every_build(bench: Bench) -> None:
    text = PARALLEL.replace("OPTIONS", "").replace("FAILFAST", "").replace("SLOW", "true")

    first, second = bench.run(text), bench.run(text)

    assert [(s.id, s.name, s.parent) for s in first.stages] == [
        (s.id, s.name, s.parent) for s in second.stages
    ]
    assert [s.name for s in first.stages] == ["Both", "Bad", "Slow"]


def test_a_listener_sees_stages_begin_and_end_and_the_whole_log(bench: Bench) -> None:
    heard = Recorder()

    record = bench.run(one_stage("echo 'x'"), listener=heard)

    assert [stage.status for stage in heard.stages] == [StageStatus.IN_PROGRESS, StageStatus.SUCCESS]
    assert "".join(heard.texts) == record.log


def test_an_agent_with_a_label_that_nobody_has_is_waited_for_and_then_given_up(bench: Bench) -> None:
    record = bench.run(
        one_stage("echo 'x'").replace("agent any", "agent { label 'gpu && big' }"), label_timeout_s=0.05
    )

    assert "Still waiting to schedule task" in lines(record)
    assert "‘Jenkins’ doesn’t have label ‘gpu && big’" in lines(record)
    assert record.result is BuildResult.FAILURE
    assert record.stages == ()


@pytest.mark.parametrize("label", ["linux", "gpu || linux", "!windows && (linux)", "mine"])
def test_an_agent_with_a_label_that_is_there_is_taken(bench: Bench, label: str) -> None:
    text = one_stage("echo 'x'").replace("agent any", f"agent {{ label '{label}' }}")

    assert bench.run(text, labels=("mine",)).result is BuildResult.SUCCESS


def test_an_agent_in_a_container_needs_a_controller(bench: Bench) -> None:
    record = bench.run(one_stage("echo 'x'").replace("agent any", "agent { docker { image 'python:3' } }"))

    assert "`agent { docker }`" in record.error


def test_tools_of_a_controller_are_not_ignored(bench: Bench) -> None:
    record = bench.run(
        one_stage("echo 'never'", before="tools { maven 'M3' }", after="post { always { echo 'post' } }")
    )

    assert "`tools`" in record.error
    assert "never" not in lines(record)
    assert "post" in lines(record)


def test_steps_without_an_agent_say_so(bench: Bench) -> None:
    record = bench.run(one_stage("sh 'true'").replace("agent any", "agent none"))

    assert record.error.startswith(
        "ERROR: Attempted to execute a step that requires a node context while ‘agent none’"
    )


def test_options_around_the_pipeline_and_around_a_stage(bench: Bench) -> None:
    record = bench.run(
        one_stage(
            "sh 'echo x >> tries; test $(wc -l < tries) -ge 2'",
            before="options { timestamps(); disableConcurrentBuilds(); buildDiscarder(logRotator(numToKeepStr: '2')) }",
            within="options { retry(2); skipDefaultCheckout() }",
        )
    )

    assert record.result is BuildResult.SUCCESS
    assert "[Pipeline] retry" in record.log
    assert "[Pipeline] timestamps" in record.log


def test_only_as_many_builds_are_kept_as_wished(bench: Bench) -> None:
    text = one_stage("echo 'x'", before="options { buildDiscarder(logRotator(numToKeepStr: '2')) }")

    numbers = [bench.run(text).number for _ in range(4)]

    assert numbers == [1, 2, 3, 4]
    assert sorted(path.name for path in (bench.builds / "pipeline").iterdir() if path.is_dir()) == ["3", "4"]


def test_parameters_have_defaults_and_take_values(bench: Bench) -> None:
    text = one_stage(
        'echo "${params.S}|${params.B}|${params.C}|${params.T}"\nsh \'echo "$S $B"\'',
        before="""parameters { string(name: 'S', defaultValue: 'text')
            booleanParam(name: 'B', defaultValue: true)
            choice(name: 'C', choices: ['one', 'two'])
            text(name: 'T', defaultValue: 'long') }""",
    )

    assert lines(bench.run(text))[0] == "text|true|one|long"
    given = bench.run(text, parameters={"S": "s", "B": "false", "C": "two", "T": "t"})
    assert lines(given)[0] == "s|false|two|t"
    assert lines(given)[-1] == "s false"


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"NONE": "x"}, "no parameter `NONE`"),
        ({"C": "three"}, "no value for the parameter `C`"),
        ({"B": "perhaps"}, "parameter `B`"),
    ],
)
def test_a_parameter_that_cannot_be_right_is_refused(
    bench: Bench, parameters: dict[str, str], said: str
) -> None:
    text = one_stage(
        "echo 'x'", before="parameters { choice(name: 'C', choices: ['one'])\nbooleanParam(name: 'B') }"
    )

    with pytest.raises(InvalidPipeline) as caught:
        bench.run(text, parameters=parameters)

    assert said in caught.value.what
    assert caught.value.evidence
    assert caught.value.fix
    assert not (bench.builds / "pipeline" / "1").exists()


def test_a_file_that_jenkins_refuses_does_not_run(bench: Bench) -> None:
    with pytest.raises(InvalidPipeline) as caught:
        bench.run("pipeline { stages { stage('A') { steps { echo 'x' } } } }")

    assert 'Missing required section "agent"' in caught.value.evidence


def test_the_linter_answers_as_jenkins_does(bench: Bench) -> None:
    good, bad = bench.runner.validate(one_stage("echo 'x'")), bench.runner.validate("pipeline { agent any }")

    assert (good.is_valid, good.text) == (True, "Jenkinsfile successfully validated.")
    assert not bad.is_valid
    assert 'Missing required section "stages"' in bad.text


@pytest.mark.parametrize("job", ["", "../up", "a//b", ".hidden"])
def test_a_job_stays_in_its_folder(bench: Bench, job: str) -> None:
    with pytest.raises(InvalidInput):
        bench.run(one_stage("echo 'x'"), job=job)


def test_a_workspace_that_is_not_there_is_refused(bench: Bench) -> None:
    bench.workspace.rmdir()

    with pytest.raises(InvalidInput):
        bench.run(one_stage("echo 'x'"))


def test_the_directory_of_a_build_holds_everything(bench: Bench) -> None:
    record = bench.run(one_stage("sh 'echo 1 > a.txt'\narchiveArtifacts 'a.txt'"))

    assert record.folder is not None
    assert (record.folder / "log").read_text() == record.log
    build = json.loads((record.folder / "build.json").read_text())
    assert build["result"] == "SUCCESS"
    assert build["artifacts"] == ["a.txt"]
    stages = json.loads((record.folder / "stages.json").read_text())["stages"]
    assert [(stage["name"], stage["status"]) for stage in stages] == [("Only", "SUCCESS")]
    assert sorted(path.name for path in record.folder.iterdir()) == [
        "archive",
        "build.json",
        "log",
        "owner",
        "stages.json",
    ]
