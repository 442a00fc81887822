"""The defences of a Jenkinsfile: each lets the finished one through and says what is wrong with another one."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from chaos_lib.credentials import Credential
from chaos_lib.defences import catalogue
from chaos_lib.defences.base import DefenceContext, Verdict
from chaos_lib.phases import FINISHED
from chaos_lib.pipeline.declared import JENKINSFILE, SIGNING_KEY, store_of
from chaos_lib.settings import Settings, Tier
from chaos_lib.workspace import Workspace

STATIC = (
    "jenkinsfile-lint",
    "credential-inventory",
    "pipeline-secret-scan",
    "pipeline-policy",
    "stage-order",
    "trusted-branch",
    "agent-labels",
)
TOKEN = "planted-T0ken+in/the-st0re"


@pytest.fixture
def workspace(settings: Settings) -> Workspace:
    made = Workspace(settings)
    made.create(FINISHED)
    return made


def judge(workspace: Workspace, settings: Settings, name: str) -> Verdict:
    return catalogue.find(name).run(DefenceContext(workspace.folder, {}, {}, settings, Tier.EMBEDDED))


def edit(workspace: Workspace, old: str, new: str) -> Path:
    path = workspace.folder / JENKINSFILE
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


@pytest.mark.parametrize("name", STATIC)
def test_the_finished_pipeline_is_green_and_a_missing_one_is_told(
    workspace: Workspace, settings: Settings, name: str
) -> None:
    verdict = judge(workspace, settings, name)
    assert verdict.is_green, verdict.evidence

    (workspace.folder / JENKINSFILE).unlink()

    verdict = judge(workspace, settings, name)
    assert (verdict.reason, bool(verdict.remedy)) == ("JENKINSFILE_MISSING", True)


@pytest.mark.parametrize("name", [n for n in STATIC if n not in ("jenkinsfile-lint", "pipeline-secret-scan")])
def test_a_file_that_jenkins_would_not_accept_is_no_ground_for_a_rule(
    workspace: Workspace, settings: Settings, name: str
) -> None:
    edit(workspace, "    agent any\n", "")

    verdict = judge(workspace, settings, name)

    assert verdict.reason == "JENKINSFILE_INVALID"
    assert 'Missing required section "agent"' in verdict.evidence


@pytest.mark.parametrize(
    ("name", "old", "new", "reason"),
    [
        ("jenkinsfile-lint", "    agent any\n", "", "SECTION_MISSING"),
        ("jenkinsfile-lint", "pipeline {", "pipeline {{", "SYNTAX_ERROR"),
        ("jenkinsfile-lint", "steps {", "stepps {", "INVALID_PIPELINE"),
        ("credential-inventory", "'signing-key'", "'signing-kye'", "CREDENTIAL_ABSENT"),
        (
            "credential-inventory",
            "credentialsId: 'signing-key'",
            "credentialsId: env.KEY",
            "CREDENTIAL_COMPUTED",
        ),
        ("pipeline-policy", "pytest tests/unit", "pytest tests/unit || true; echo", "EXIT_CODE_SWALLOWED"),
        ("pipeline-policy", "        timeout(time: 20, unit: 'MINUTES')\n", "", "TIMEOUT_MISSING"),
        ("stage-order", "pytest tests/unit", "kubectl apply -f k8s", "DEPLOY_BEFORE_TEST"),
        ("trusted-branch", "branch 'main'", "expression { return true }", "SECRET_FOR_EVERY_BRANCH"),
        ("agent-labels", "agent any", "agent { label 'arm64' }", "LABEL_UNKNOWN"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(
    workspace: Workspace, settings: Settings, name: str, old: str, new: str, reason: str
) -> None:
    edit(workspace, old, new)

    verdict = judge(workspace, settings, name)

    assert verdict.reason == reason, verdict.evidence
    assert verdict.evidence.startswith("Jenkinsfile:")
    assert verdict.remedy
    assert verdict.summary == catalogue.find(name).reasons[reason]


def test_a_credential_that_nobody_uses_is_found_but_only_when_none_is_missing(
    workspace: Workspace, settings: Settings
) -> None:
    store_of(settings).put("old-token", Credential(kind="string", secret=SecretStr(TOKEN)))
    assert judge(workspace, settings, "credential-inventory").reason == "CREDENTIAL_UNUSED"

    edit(workspace, "'signing-key'", "'signing-kye'")

    assert judge(workspace, settings, "credential-inventory").reason == "CREDENTIAL_ABSENT"


def test_a_secret_is_found_in_a_file_then_in_the_history_until_it_is_replaced(
    workspace: Workspace, settings: Settings
) -> None:
    store = store_of(settings)
    store.put(SIGNING_KEY, Credential(kind="string", secret=SecretStr(TOKEN)))
    path = edit(workspace, "        DOCKER_BUILDKIT = '1'\n", f"        DOCKER_BUILDKIT = '{TOKEN}'\n")
    found = judge(workspace, settings, "pipeline-secret-scan")
    assert found.reason == "SECRET_IN_FILE"
    assert TOKEN not in f"{found.summary}{found.evidence}{found.remedy}", (
        "a scan must not spread what it finds"
    )

    workspace.write(JENKINSFILE, path.read_text(encoding="utf-8").replace(TOKEN, "1"), message="Repair")
    found = judge(workspace, settings, "pipeline-secret-scan")
    assert found.reason == "SECRET_IN_HISTORY"
    assert "rotate_credential" in found.remedy

    store.put(SIGNING_KEY, Credential(kind="string", secret=SecretStr("an0ther-value-that-nobody-saw")))
    assert judge(workspace, settings, "pipeline-secret-scan").is_green


def test_a_secret_in_the_log_of_a_build_is_found(workspace: Workspace, settings: Settings) -> None:
    store_of(settings).put(SIGNING_KEY, Credential(kind="string", secret=SecretStr(TOKEN)))
    log = settings.state / "builds" / "mission-control" / "3" / "log"
    log.parent.mkdir(parents=True)
    log.write_text(f"+ echo {TOKEN}\n", encoding="utf-8")

    found = judge(workspace, settings, "pipeline-secret-scan")

    assert (found.reason, TOKEN in found.evidence) == ("SECRET_IN_LOG", False)


def test_what_git_ignores_is_not_scanned(workspace: Workspace, settings: Settings) -> None:
    assert (workspace.folder / "k8s/secrets/secret.env").is_file()
    assert judge(workspace, settings, "pipeline-secret-scan").is_green
