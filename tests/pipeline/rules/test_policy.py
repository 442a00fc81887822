"""The house rules."""

from __future__ import annotations

import pytest

from chaos_lib.pipeline.parser import parse
from chaos_lib.pipeline.rules.policy import policy

from .files import GOOD, broken, reasons, valid

TEST = "sh 'pytest --junitxml=reports/unit.xml'"


def test_the_good_pipeline_breaks_no_rule():
    assert policy(valid(GOOD)) == ()


def test_a_file_that_is_no_pipeline_is_left_to_the_linter():
    assert policy(parse("pipeline {")) == ()
    assert policy(parse("node { }")) == ()


@pytest.mark.parametrize(
    "step",
    [
        "sh 'pytest || true'",
        "sh 'pytest || :'",
        "sh 'pytest || exit 0'",
        "sh 'pytest; true'",
        "sh 'set +e; pytest'",
        "sh 'pytest | tee log.txt'",
        "sh script: 'pytest', returnStatus: true",
        "catchError(buildResult: 'SUCCESS') { sh 'pytest' }",
        'sh "pytest ${ARGS} || true"',
    ],
)
def test_a_hidden_exit_code_is_found(step):
    assert reasons(policy(broken(TEST, step))) == [("EXIT_CODE_SWALLOWED", 9)]


@pytest.mark.parametrize(
    "step",
    [
        "sh 'set -o pipefail; pytest | tee log.txt'",
        "sh 'a && b || c'",
        "script { if (sh(script: 'pytest', returnStatus: true) != 0) { error 'red' } }",
        "catchError(buildResult: 'SUCCESS', stageResult: 'FAILURE') { sh 'lint' }",
        "sh '# pytest || true'",
    ],
)
def test_an_exit_code_that_is_looked_at_is_none_of_its_business(step):
    assert policy(broken(TEST, step)) == ()


def test_the_line_within_a_script_of_several_lines_is_named():
    step = "sh '''\n    make\n    pytest \\\n      || true\n    '''"

    (finding,) = policy(broken(TEST, step))

    assert (finding.reason, finding.line) == ("EXIT_CODE_SWALLOWED", 11)
    assert finding.evidence == "pytest || true"


@pytest.mark.parametrize(
    ("script", "is_found"),
    [
        ("pytest\nexit 0", True),
        ("if done\nthen\nexit 0\nfi\npytest", False),
        ("exit 0", False),
    ],
)
def test_an_exit_at_the_end_hides_what_came_before(script, is_found):
    found = policy(broken(TEST, f"sh '''{script}'''"))

    assert bool(found) == is_found


@pytest.mark.parametrize(
    ("body", "is_found"),
    [
        ("", True),
        ("echo 'never mind'", True),
        ("error 'red'", False),
        ("throw e", False),
        ("unstable 'flaky'", False),
        ("currentBuild.result = 'FAILURE'", False),
    ],
)
def test_a_caught_exception_must_still_be_seen(body, is_found):
    parsed = broken(TEST, f"script {{ try {{ sh 'pytest' }} catch (e) {{ {body} }} }}")

    assert reasons(policy(parsed)) == ([("EXCEPTION_SWALLOWED", 9)] if is_found else [])


@pytest.mark.parametrize("new", ["mission:latest", "registry.local/team/mission:latest"])
def test_latest_is_found_in_a_command(new):
    assert reasons(policy(broken("mission:1.4.2", new))) == [("LATEST_TAG", 6)]


def test_latest_is_found_in_an_agent():
    parsed = broken("agent any", "agent { docker { image 'python:latest' } }")

    assert reasons(policy(parsed)) == [("LATEST_TAG", 2)]


def test_a_pipeline_without_any_timeout_is_found_once():
    parsed = broken("    options { timeout(time: 20, unit: 'MINUTES') }\n", "")

    assert reasons(policy(parsed)) == [("TIMEOUT_MISSING", 1)]


def test_a_stage_without_a_timeout_is_found_where_the_others_have_one():
    text = GOOD.replace("    options { timeout(time: 20, unit: 'MINUTES') }\n", "")
    text = text.replace("stage('Build') {", "stage('Build') {\n            options { timeout(5) }")
    text = text.replace(TEST, f"timeout(5) {{ {TEST} }}")

    assert reasons(policy(valid(text))) == [("TIMEOUT_MISSING", 12)]


def test_a_missing_report_is_found():
    assert reasons(policy(broken("junit 'reports/*.xml'", "echo 'x'"))) == [("REPORT_MISSING", 22)]


def test_a_report_only_on_success_is_found():
    assert reasons(policy(broken("post { always { junit", "post { success { junit"))) == [
        ("REPORT_ON_SUCCESS_ONLY", 10)
    ]


def test_a_report_that_may_be_empty_is_found():
    parsed = broken("junit 'reports/*.xml'", "junit testResults: 'reports/*.xml', allowEmptyResults: true")

    assert reasons(policy(parsed)) == [("REPORT_MAY_BE_EMPTY", 10)]


def test_a_pipeline_without_post_is_found():
    text = GOOD.replace("            post { always { junit 'reports/*.xml' } }\n", "")
    text = text.replace("    post { always { echo 'done' } }\n", "")

    assert reasons(policy(valid(text))) == [("POST_MISSING", 1)]


def test_a_finding_says_what_to_do():
    (finding,) = policy(broken(TEST, "sh 'pytest || true'"))

    assert finding.text == "Jenkinsfile:9: EXIT_CODE_SWALLOWED: pytest || true"
    assert "remove what hides its exit code" in finding.remedy
