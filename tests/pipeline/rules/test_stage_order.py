"""What must come before what."""

from __future__ import annotations

from pathlib import Path

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


def test_to_read_where_to_deploy_is_no_deployment():
    text = stages(
        stage("Settings", ". k8s/deploy.env"), stage("Test", "pytest"), stage("Ship", "helm upgrade x")
    )

    assert stage_order(valid(text)) == ()


def test_a_word_in_the_name_of_a_file_or_an_option_is_a_deployment_only_where_it_stands_alone():
    assert reasons(stage_order(valid(stages(stage("One", "./deploy now"))))) == [("DEPLOY_WITHOUT_TEST", 4)]
    assert stage_order(valid(stages(stage("One", "./undeployed")))) == ()


def test_the_status_of_a_rollout_is_a_smoke_gate_and_no_deployment():
    text = stages(
        stage("Test", "pytest"),
        stage("Green", "kubectl apply -f green.yaml"),
        stage("Look", "kubectl rollout status deployment/green --timeout=90s"),
        stage("Public", "kubectl patch service mission"),
    )

    assert stage_order(valid(text)) == ()


def test_a_gate_before_the_only_deployment_asked_the_old_version():
    text = stages(
        stage("Test", "pytest"),
        stage("Look", "kubectl rollout status deployment/green"),
        stage("Public", "kubectl patch service mission"),
        stage("Green", "kubectl apply -f green.yaml"),
    )

    assert reasons(stage_order(valid(text))) == [("SWITCH_BEFORE_SMOKE", 6)]


def test_a_gate_between_two_deployments_does_not_speak_for_the_second():
    text = stages(
        stage("Test", "pytest"),
        stage("Blue", "kubectl apply -f blue.yaml"),
        stage("Look", "curl -f http://blue/healthz"),
        stage("Green", "kubectl apply -f green.yaml"),
        stage("Public", "kubectl patch svc mission"),
    )

    assert reasons(stage_order(valid(text))) == [("SWITCH_BEFORE_SMOKE", 8)]


def test_a_gate_beside_the_switch_does_not_hold_it_back():
    text = stages(
        stage("Test", "pytest"),
        stage("Green", "kubectl apply -f green.yaml"),
        "stage('Both') { parallel {",
        stage("Smoke", "curl -f http://green/healthz"),
        stage("Switch", "kubectl patch service mission"),
        "} }",
    )

    assert reasons(stage_order(valid(text))) == [("SWITCH_BEFORE_SMOKE", 8)]


def test_commands_say_more_than_names():
    text = stages(stage("Deploy later", "pytest"), stage("Tests", "kubectl apply -f x"))

    assert stage_order(valid(text)) == ()


def test_a_switch_without_a_deployment_needs_a_gate_too():
    assert reasons(stage_order(valid(stages(stage("Switch", "kubectl patch service mission"))))) == [
        ("SWITCH_BEFORE_SMOKE", 4)
    ]


def test_the_finished_pipeline_keeps_the_order():
    finished = (Path(__file__).parents[3] / "jenkins" / "Jenkinsfile").read_text(encoding="utf-8")

    assert stage_order(valid(finished)) == ()
