"""What must come before what."""

from __future__ import annotations

from chaos_lib.pipeline.parser import parse
from chaos_lib.pipeline.rules.stage_order import stage_order

from .files import GOOD, broken, reasons, valid


def stages(*blocks: str) -> str:
    return "pipeline {\nagent any\nstages {\n" + "\n".join(blocks) + "\n}\n}\n"


def stage(name: str, command: str = "true") -> str:
    return f"stage('{name}') {{ steps {{ sh '{command}' }} }}"


def test_the_good_order_is_left_alone():
    assert stage_order(valid(GOOD)) == ()


def test_a_file_that_is_no_pipeline_is_left_to_the_linter():
    assert stage_order(parse("pipeline {")) == ()


def test_a_deployment_before_the_tests_is_found_by_its_commands():
    text = stages(stage("One", "kubectl apply -f k8s"), stage("Two", "pytest"))

    (finding,) = stage_order(valid(text))

    assert (finding.reason, finding.line) == ("DEPLOY_BEFORE_TEST", 4)
    assert "`Two` tests only then (line 5)" in finding.evidence


def test_a_deployment_before_the_tests_is_found_by_its_name():
    assert reasons(stage_order(valid(stages(stage("Deploy"), stage("Unit tests"))))) == [
        ("DEPLOY_BEFORE_TEST", 4)
    ]


def test_a_deployment_between_two_test_stages_is_found():
    text = stages(stage("Unit", "pytest"), stage("Ship", "helm upgrade x"), stage("Integration", "tox"))

    assert reasons(stage_order(valid(text))) == [("DEPLOY_BEFORE_TEST", 5)]


def test_a_deployment_beside_the_tests_is_found():
    text = stages(
        "stage('Both') { parallel {", stage("Test", "pytest"), stage("Deploy", "kubectl apply -f x"), "} }"
    )

    assert reasons(stage_order(valid(text))) == [("DEPLOY_BEFORE_TEST", 6)]


def test_nested_stages_run_in_their_order():
    good = stages("stage('All') { stages {", stage("Test", "pytest"), stage("Deploy"), "} }")

    assert stage_order(valid(good)) == ()


def test_a_deployment_without_any_test_is_found():
    assert reasons(stage_order(valid(stages(stage("Deploy"))))) == [("DEPLOY_WITHOUT_TEST", 4)]


def test_traffic_that_switches_before_the_smoke_gate_is_found():
    parsed = broken("                sh 'curl -fsS http://green/health'\n", "")

    assert reasons(stage_order(parsed)) == [("SWITCH_BEFORE_SMOKE", 17)]


def test_a_smoke_gate_after_the_switch_is_no_gate():
    text = stages(stage("Test", "pytest"), stage("Deploy"), stage("Switch traffic"), stage("Smoke gate"))

    assert reasons(stage_order(valid(text))) == [("SWITCH_BEFORE_SMOKE", 6)]


def test_what_post_does_is_no_part_of_the_order():
    text = stages(
        "stage('Build') { steps { sh 'make' }; post { failure { sh 'kubectl apply -f old' } } }",
        stage("Test"),
    )

    assert stage_order(valid(text)) == ()


def test_a_checkout_is_no_test():
    assert reasons(stage_order(valid(stages(stage("Checkout"), stage("Deploy"))))) == [
        ("DEPLOY_WITHOUT_TEST", 5)
    ]
