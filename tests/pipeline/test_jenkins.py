"""A Jenkins controller as an engine: what goes over the wire, and what becomes of every answer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from chaos_lib.credentials import Credential
from chaos_lib.errors import (
    ChaosError,
    ControllerRefused,
    ControllerUnclear,
    ControllerUnreachable,
    InvalidInput,
    InvalidPipeline,
    LabError,
    WaitTimeout,
)
from chaos_lib.pipeline.controller import Controller
from chaos_lib.pipeline.jenkins import Jenkins
from chaos_lib.pipeline.protocol import (
    BuildRecord,
    BuildRequest,
    BuildResult,
    InputAnswer,
    InputQuestion,
    JUnitCounts,
    StageRecord,
    StageStatus,
    run,
)
from chaos_lib.settings import Tier
from chaos_lib.wait import Clock

from .fake_controller import DOWN, TOKEN, USER, FakeController, Reply, describe, serving

TIMEOUT_S = 60.0
TEXT = """pipeline {
    agent any
    parameters {
        string(name: 'WHERE', defaultValue: 'a & b')
        booleanParam(name: 'DRY', defaultValue: true)
        choice(name: 'COLOUR', choices: ['blue', 'green'])
    }
    stages { stage('Build') { steps { sh 'make && make test' } } }
}
"""


@pytest.fixture
def fake() -> Iterator[FakeController]:
    with serving() as controller:
        yield controller


def engine(fake: FakeController, *, token: str = TOKEN, timeout_s: float = 30.0, **changes: Any) -> Jenkins:
    controller = Controller(fake.url, USER, SecretStr(token), timeout_s=timeout_s)
    return Jenkins(controller, interval_s=0.001, **changes)


def request(**changes: Any) -> BuildRequest:
    return BuildRequest(jenkinsfile=TEXT, workspace=Path("unused"), job="team/demo", **changes)


def build(fake: FakeController, **changes: Any) -> BuildRecord:
    return run(engine(fake), request(**changes), timeout_s=TIMEOUT_S)


def test_a_build_is_configured_started_and_followed_to_its_end(fake: FakeController) -> None:
    fake.queue = [{"why": "Waiting for next available executor"}, {"executable": {"number": 7}}]
    fake.stages = [describe("IN_PROGRESS", ("5", "Build", "IN_PROGRESS")), describe()]
    fake.info |= {"artifacts": [{"relativePath": "dist/app.whl", "fileName": "app.whl"}]}
    fake.tests = {"failCount": 1, "passCount": 5, "skipCount": 2}

    record = build(fake, parameters={"WHERE": "there", "DRY": False})

    assert (record.number, record.result, record.seconds) == (7, BuildResult.SUCCESS, 1.5)
    assert record.log == "[Pipeline] Start of Pipeline\nFinished: SUCCESS\n"
    assert record.stages == (StageRecord("5", "Build", "", StageStatus.SUCCESS, 5.228),)
    assert record.artifacts == ("dist/app.whl",)
    assert record.tests == JUnitCounts(total=8, failed=1, skipped=2)
    assert record.folder is None
    config = fake.jobs["job/team/job/demo"]
    assert "<script>pipeline {" in config
    assert "make &amp;&amp; make test" in config
    assert "<name>WHERE</name><defaultValue>a &amp; b</defaultValue>" in config
    assert "<name>DRY</name><defaultValue>true</defaultValue>" in config
    assert "<string>green</string>" in config
    assert "<sandbox>true</sandbox>" in config
    (started,) = fake.sent("buildWithParameters")
    assert started.body == "WHERE=there&DRY=false"
    assert started.query == {}


def test_a_job_of_ours_is_changed_and_that_of_somebody_else_is_not(fake: FakeController) -> None:
    build(fake)
    build(fake)
    assert len(fake.sent("createItem")) == 1
    assert len(fake.sent(r"config\.xml")) == 1

    fake.jobs["job/team/job/demo"] = "<flow-definition><description>Nightly</description></flow-definition>"
    with pytest.raises(InvalidInput) as caught:
        build(fake)

    assert "not ours" in caught.value.what
    assert "Nightly" in caught.value.evidence
    assert "Nightly" in fake.jobs["job/team/job/demo"]


def test_a_listener_hears_the_log_and_every_change_of_a_stage(fake: FakeController) -> None:
    fake.stages = [describe("IN_PROGRESS", ("5", "Build", "IN_PROGRESS")), describe()]
    heard: list[Any] = []

    class Listener:
        def text(self, text: str) -> None:
            heard.append(text)

        def stage(self, record: StageRecord) -> None:
            heard.append(record.status.value)

    run(engine(fake), request(), timeout_s=TIMEOUT_S, listener=Listener())

    assert heard == ["[Pipeline] Start of Pipeline\n", "IN_PROGRESS", "Finished: SUCCESS\n", "SUCCESS"]


def test_the_log_of_a_stage_is_that_of_its_steps(fake: FakeController) -> None:
    running = engine(fake).start(request())
    running.wait(TIMEOUT_S)

    # The second step has no log.
    assert running.stage_log("5") == "+ make\n"


def test_a_failure_is_told_with_its_error(fake: FakeController) -> None:
    fake.pieces = ["x\n", "ERROR: script returned exit code 2\nFinished: FAILURE\n"]
    fake.info = {"building": False, "result": "FAILURE", "duration": 5}

    record = build(fake)

    assert record.result is BuildResult.FAILURE
    assert record.error == "ERROR: script returned exit code 2"


def test_an_abort_stops_the_build_and_the_next_ones_are_more_forceful(fake: FakeController) -> None:
    fake.holds = threading.Event()
    running = engine(fake).start(request())

    running.abort("ann")
    record = running.wait(TIMEOUT_S)
    running.abort()

    assert record.result is BuildResult.ABORTED
    assert [each.path.rpartition("/")[2] for each in fake.sent("7/(stop|term|kill)$")] == ["stop"]


def test_a_run_over_its_time_is_stopped(fake: FakeController) -> None:
    fake.holds = threading.Event()

    record = run(engine(fake), request(), timeout_s=0.05)

    assert record.result is BuildResult.ABORTED


@pytest.mark.parametrize(
    ("inputs", "answer", "path", "body"),
    [
        ([], InputAnswer(True), "input/Ef95/proceedEmpty", ""),
        ([], InputAnswer(False), "input/Ef95/abort", ""),
        (
            [{"name": "WHERE", "type": "StringParameterDefinition", "definition": {"defaultVal": "test"}}],
            InputAnswer(True, {"WHERE": "prod"}),
            "wfapi/inputSubmit",
            "WHERE",
        ),
    ],
)
def test_an_input_is_asked_once_and_answered(
    fake: FakeController, inputs: list[Any], answer: InputAnswer, path: str, body: str
) -> None:
    fake.stages = [describe("PAUSED_PENDING_INPUT", ("5", "Build", "PAUSED_PENDING_INPUT"))]
    elsewhere = "http://elsewhere.invalid/"
    fake.inputs = [
        {"id": "Ef95", "message": "Deploy?", "proceedText": "Go", "inputs": inputs, "proceedUrl": elsewhere}
    ]
    asked: list[InputQuestion] = []

    build(fake, ask=lambda question: asked.append(question) or answer)

    assert asked == [InputQuestion("Deploy?", "Go", {"WHERE": "test"} if inputs else {})]
    (sent,) = fake.sent(path)
    assert body in sent.body


def test_credentials_are_listed_kept_and_removed_and_their_values_never_come_back(
    fake: FakeController,
) -> None:
    jenkins = engine(fake)
    jenkins.put_credential("token", Credential(kind="string", secret=SecretStr("s3cr&t")))
    jenkins.put_credential("login", Credential(kind="usernamePassword", username="u<", secret=SecretStr("p")))
    jenkins.put_credential("key", Credential(kind="file", secret=SecretStr("content")))
    jenkins.put_credential("token", Credential(kind="string", secret=SecretStr("new")))

    assert jenkins.credential_ids() == ("key", "login", "token")
    assert "<secret>new</secret>" in fake.credentials["token"]
    assert "<username>u&lt;</username><password>p</password>" in fake.credentials["login"]
    assert "<secretBytes>Y29udGVudA==</secretBytes>" in fake.credentials["key"]
    assert len(fake.sent("createCredentials")) == 3
    jenkins.put_credential("key", None)
    jenkins.put_credential("key", None)
    assert jenkins.credential_ids() == ("login", "token")
    assert len(fake.sent("doDelete")) == 1


def test_the_linter_of_the_controller_answers(fake: FakeController) -> None:
    good = engine(fake).validate(TEXT)
    fake.validation = "Errors encountered validating Jenkinsfile:\nWorkflowScript: 1: x @ line 1, column 1.\n"
    bad = engine(fake).validate(TEXT)
    fake.validation = "Jenkinsfile content 'x' did not contain the 'pipeline' step"
    scripted = engine(fake).validate("node {}")

    assert (good.is_valid, good.text) == (True, "Jenkinsfile successfully validated.")
    assert not bad.is_valid
    assert "@ line 1, column 1." in bad.text
    assert not scripted.is_valid
    assert "jenkinsfile=" in fake.sent("validate")[0].body


def test_a_file_that_the_controller_refuses_is_not_started(fake: FakeController) -> None:
    fake.validation = (
        "Errors encountered validating Jenkinsfile:\nWorkflowScript: 1: no @ line 1, column 1.\n"
    )

    with pytest.raises(InvalidPipeline) as caught:
        build(fake)

    assert "WorkflowScript: 1: no" in caught.value.evidence
    assert fake.jobs == {}


def test_usability_names_version_and_address(fake: FakeController) -> None:
    usability = engine(fake).usability()

    assert usability.is_usable
    assert usability.reason == f"Jenkins 2.479.3 at {fake.url}"
    assert engine(fake).tier is Tier.LIVE


# What goes wrong


def test_a_wrong_token_is_refused(fake: FakeController) -> None:
    with pytest.raises(ControllerRefused) as caught:
        engine(fake, token="wrong-token").validate(TEXT)

    assert "401" in caught.value.what
    assert USER in caught.value.evidence
    assert "OPCHAOS_JENKINS_TOKEN" in caught.value.fix
    assert "wrong-token" not in caught.value.text
    assert not engine(fake, token="wrong-token").usability().is_usable


def test_an_old_crumb_is_replaced_by_a_new_one(fake: FakeController) -> None:
    jenkins = engine(fake)
    jenkins.put_credential("a", Credential(kind="string", secret=SecretStr("x")))
    fake.crumb = "crumb-2"

    jenkins.put_credential("b", Credential(kind="string", secret=SecretStr("x")))

    assert jenkins.credential_ids() == ("a", "b")
    assert len(fake.sent("crumbIssuer")) == 2


def test_a_controller_without_crumbs_works(fake: FakeController) -> None:
    fake.needs_crumb = False
    fake.goes_wrong("crumbIssuer", Reply(404))

    assert build(fake).result is BuildResult.SUCCESS


def test_a_crumb_that_is_never_right_is_a_refusal(fake: FakeController) -> None:
    fake.goes_wrong("createItem", Reply(403, "No valid crumb was included in the request"), times=2)

    with pytest.raises(ControllerRefused) as caught:
        build(fake)

    assert "403" in caught.value.what


@pytest.mark.parametrize(
    ("path", "reply", "kind"),
    [
        ("/api/json", Reply(500, "<html>Oops, a problem occurred</html>"), ControllerUnclear),
        ("/api/json", Reply(503, DOWN), ControllerUnreachable),
        ("/api/json", Reply(hangs_up=True), ControllerUnreachable),
        ("/api/json", Reply(200, "<html>Sign in</html>"), ControllerUnclear),
        ("validate", Reply(404), ControllerUnclear),
        ("validate", Reply(403), ControllerRefused),
        ("validate", Reply(200, "<html>Sign in</html>"), ControllerUnclear),
        ("crumbIssuer", Reply(200, "<html>Sign in</html>"), ControllerUnclear),
        ("createItem", Reply(403, "ann is missing the Job/Create permission"), ControllerRefused),
        ("team/job/demo/build$", Reply(201), ControllerUnclear),
        ("team/job/demo/build$", Reply(409, "disabled"), ControllerUnclear),
        ("queue/item", Reply(200, "{ no json"), ControllerUnclear),
        ("queue/item", Reply(200, '{"executable": {"number": "seven"}}'), ControllerUnclear),
    ],
)
def test_what_goes_wrong_before_the_build_is_an_error_in_three_parts(
    fake: FakeController, path: str, reply: Reply, kind: type[ChaosError]
) -> None:
    fake.goes_wrong(path, reply, times=3)

    with pytest.raises(kind) as caught:
        build(fake)

    assert type(caught.value) is kind or issubclass(type(caught.value), kind)
    assert caught.value.what
    assert caught.value.evidence
    assert caught.value.fix


def test_a_slow_controller_is_given_up(fake: FakeController) -> None:
    released = threading.Event()
    fake.goes_wrong("/api/json", Reply(waits=released))
    try:
        with pytest.raises(ControllerUnreachable) as caught:
            engine(fake, timeout_s=0.05).validate(TEXT)
    finally:
        released.set()

    assert "did not answer within" in caught.value.what


def test_nobody_at_the_address_is_said() -> None:
    with serving() as gone:
        pass

    usability = engine(gone).usability()

    assert not usability.is_usable
    assert "cannot be reached" in usability.reason


@pytest.mark.parametrize("url", ["", "jenkins.example.org", "ftp://jenkins.example.org", "http://"])
def test_an_address_that_cannot_be_right_is_refused(url: str) -> None:
    jenkins = Jenkins(Controller(url, USER, SecretStr(TOKEN)))

    with pytest.raises(InvalidInput):
        jenkins.validate(TEXT)
    assert "is no address of a Jenkins controller" in jenkins.usability().reason


def test_a_build_that_never_leaves_the_queue_is_cancelled(fake: FakeController) -> None:
    fake.queue = [{"why": "‘Jenkins’ doesn’t have label ‘gpu’"}]
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += 1.0

    clock = Clock(monotonic=lambda: now[0], sleep=sleep)
    with pytest.raises(WaitTimeout) as caught:
        engine(fake, queue_timeout_s=3.0, clock=clock).start(request())

    assert "‘Jenkins’ doesn’t have label ‘gpu’" in caught.value.evidence
    assert fake.sent("queue/cancelItem")[0].query == {"id": ["25"]}


def test_a_build_that_somebody_cancels_in_the_queue_is_told(fake: FakeController) -> None:
    fake.queue = [{"cancelled": True, "why": None}]

    with pytest.raises(LabError) as caught:
        build(fake)

    assert "cancelled" in caught.value.what


@pytest.mark.parametrize(
    "reply", [Reply(500), Reply(503, DOWN), Reply(hangs_up=True), Reply(200, "no size of the text")]
)
def test_a_passing_fault_while_it_runs_loses_nothing(fake: FakeController, reply: Reply) -> None:
    fake.goes_wrong("progressiveText", reply, times=2)
    fake.goes_wrong("wfapi/describe", reply)

    record = build(fake)

    assert record.log == "[Pipeline] Start of Pipeline\nFinished: SUCCESS\n"
    assert record.result is BuildResult.SUCCESS


def test_a_lasting_fault_while_it_runs_is_raised(fake: FakeController) -> None:
    fake.goes_wrong("progressiveText", Reply(503, DOWN), times=20)

    with pytest.raises(ControllerUnreachable):
        build(fake)


def test_a_controller_without_the_stage_view_still_builds(fake: FakeController) -> None:
    fake.goes_wrong("wfapi/describe", Reply(404), times=20)

    record = build(fake)

    assert record.result is BuildResult.SUCCESS
    assert record.stages == ()


def test_a_status_that_is_not_documented_is_not_guessed(fake: FakeController) -> None:
    fake.stages = [describe("IN_PROGRESS", ("5", "Build", "SPLENDID"))]

    with pytest.raises(ControllerUnclear):
        build(fake)
