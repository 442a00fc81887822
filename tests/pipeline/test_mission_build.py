"""A mission's pipeline: in a fresh checkout, with the lab's variables, and without a word of its secrets anywhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from pydantic import SecretStr

from chaos_lib.credentials import Credential
from chaos_lib.defences import catalogue
from chaos_lib.defences.base import DefenceContext, Verdict
from chaos_lib.errors import InvalidInput, InvalidPipeline
from chaos_lib.phases import FINISHED
from chaos_lib.pipeline import declared
from chaos_lib.pipeline.declared import JENKINSFILE, KUBECONFIG, SIGNING_KEY, store_of
from chaos_lib.pipeline.mission_build import run_mission_pipeline
from chaos_lib.pipeline.protocol import BuildResult, RunningBuild
from chaos_lib.settings import Settings, Tier
from chaos_lib.ui.stage_view import StageView
from chaos_lib.workspace import Workspace

SECRET = "planted-s1gning+key/value"
TESTS = "python3 -m pytest -q tests/unit --junitxml=reports/unit.xml"
REPORT = "post { always { junit 'reports/unit.xml' } }"


def pipeline(*steps: str, after: str = "", before: str = "") -> str:
    body = "\n".join(f"            {step}" for step in steps)
    return (
        f"pipeline {{\n    agent any\n    {before}\n    stages {{\n        stage('Only') {{\n          steps {{\n"
        f"{body}\n          }}\n          {after}\n        }}\n    }}\n}}\n"
    )


@pytest.fixture
def workspace(settings: Settings) -> Workspace:
    """The finished project with one short test."""
    made = Workspace(settings)
    made.create(FINISHED)
    for path in (made.folder / "tests/unit").glob("*.py"):
        path.unlink()
    made.write("tests/unit/test_short.py", "def test_short() -> None:\n    assert True\n", message="Short")
    store_of(settings).put(SIGNING_KEY, Credential(kind="string", secret=SecretStr(SECRET)))
    return made


def context(workspace: Workspace, settings: Settings, lab: Mapping[str, str] | None = None) -> DefenceContext:
    return DefenceContext(workspace.folder, {"COLOUR": "from ci.env"}, lab or {}, settings, Tier.EMBEDDED)


def judge(workspace: Workspace, settings: Settings, name: str, jenkinsfile: str) -> Verdict:
    (workspace.folder / JENKINSFILE).write_text(jenkinsfile, encoding="utf-8")
    return catalogue.find(name).run(context(workspace, settings))


def test_a_build_has_a_checkout_of_its_own_and_the_variables_of_the_workspace(
    workspace: Workspace, settings: Settings
) -> None:
    text = pipeline("sh 'echo \"$COLOUR on $BRANCH_NAME\" | cat; touch left-behind; ls'")
    (workspace.folder / JENKINSFILE).write_text(text, encoding="utf-8")
    before = workspace.fingerprint()

    record = run_mission_pipeline(context(workspace, settings))

    assert record.result is BuildResult.SUCCESS, record.log
    assert "from ci.env on main" in record.log
    assert "pyproject.toml" in record.log
    assert workspace.fingerprint() == before
    assert not list((settings.state / "scratch").iterdir()), "the checkout is gone"


def test_the_way_into_the_cluster_comes_from_the_store_alone(
    workspace: Workspace, settings: Settings, tmp_path: Path
) -> None:
    config = tmp_path / "config"
    config.write_text("kind: Config\n", encoding="utf-8")
    text = pipeline(
        "sh 'test -z \"$KUBECONFIG\"'",
        f"withCredentials([file(credentialsId: '{KUBECONFIG}', variable: 'KUBECONFIG')]) {{ sh 'grep Config \"$KUBECONFIG\"' }}",
    )
    (workspace.folder / JENKINSFILE).write_text(text, encoding="utf-8")

    record = run_mission_pipeline(context(workspace, settings, {"KUBECONFIG": str(config)}))

    assert record.result is BuildResult.SUCCESS, record.log


def test_without_a_jenkinsfile_or_with_a_broken_one_there_is_no_build(
    workspace: Workspace, settings: Settings
) -> None:
    (workspace.folder / JENKINSFILE).write_text("pipeline { }", encoding="utf-8")
    with pytest.raises(InvalidPipeline) as broken:
        run_mission_pipeline(context(workspace, settings))
    assert "Missing required section" in broken.value.evidence

    (workspace.folder / JENKINSFILE).unlink()
    with pytest.raises(InvalidInput) as missing:
        run_mission_pipeline(context(workspace, settings))
    assert "no Jenkinsfile" in missing.value.what
    assert JENKINSFILE in missing.value.evidence
    assert "%%answer" in missing.value.fix


@pytest.mark.parametrize(
    ("jenkinsfile", "reason"),
    [
        (pipeline(f"sh '{TESTS}'", after=REPORT), "OK"),
        (pipeline("sh 'exit 3'"), "BUILD_FAILED"),
        (pipeline(f"sh '{TESTS}'"), "NO_TESTS_RAN"),
        (pipeline("unstable('tests failed')"), "BUILD_UNSTABLE"),
        ("pipeline { }", "JENKINSFILE_INVALID"),
    ],
)
def test_the_run_says_how_the_build_ended(
    workspace: Workspace, settings: Settings, jenkinsfile: str, reason: str
) -> None:
    verdict = judge(workspace, settings, "pipeline-run", jenkinsfile)

    assert verdict.reason == reason, verdict.evidence
    assert bool(verdict.remedy) is (reason != "OK")


@pytest.mark.parametrize(
    ("jenkinsfile", "reason"),
    [
        (pipeline(f"sh '{TESTS}'", after=REPORT), "OK"),
        (pipeline(f"sh '{TESTS} || true'", after=REPORT), "OK"),  # the report tells
        (pipeline(f"sh '{TESTS} || true'"), "BLIND_PIPELINE"),
        (pipeline("echo 'no test at all'"), "BLIND_PIPELINE"),
    ],
)
def test_a_pipeline_that_stays_green_with_a_failing_test_is_blind(
    workspace: Workspace, settings: Settings, jenkinsfile: str, reason: str
) -> None:
    before = workspace.fingerprint()
    (workspace.folder / JENKINSFILE).write_text(jenkinsfile, encoding="utf-8")

    verdict = judge(workspace, settings, "pipeline-must-fail", jenkinsfile)

    assert verdict.reason == reason, verdict.evidence
    assert {**before, JENKINSFILE: ""} == {**workspace.fingerprint(), JENKINSFILE: ""}, "planted in a copy"


def test_a_planted_secret_is_in_nothing_that_a_build_leaves_or_shows(
    workspace: Workspace, settings: Settings
) -> None:
    text = pipeline(
        f"withCredentials([string(credentialsId: '{SIGNING_KEY}', variable: 'KEY')]) {{",
        '    sh \'echo "$KEY"; printf %s "$KEY" | base64; echo "$KEY" > reports/key || true\'',
        f"    sh '{TESTS}'",
        "}",
        after="post { always { junit 'reports/unit.xml' } }",
    )
    (workspace.folder / JENKINSFILE).write_text(text, encoding="utf-8")
    (workspace.folder / "tests/unit/test_short.py").write_text(
        "import os\n\n\ndef test_short() -> None:\n    print(os.environ['KEY'])\n    assert os.environ['KEY'] == ''\n",
        encoding="utf-8",
    )
    view, builds = StageView(), list[RunningBuild]()

    def started(build: RunningBuild) -> None:
        view.started(build)
        builds.append(build)

    record = run_mission_pipeline(context(workspace, settings), listener=view.listener, on_start=started)
    view.ended(record)

    assert "****" in record.log
    assert len(builds) == 1
    assert record.folder is not None
    for path in (path for path in record.folder.rglob("*") if path.is_file()):
        assert SECRET.encode() not in path.read_bytes(), path
    shown = f"{view.snapshot.html}{view.text}{view.log('Only').html}{view.log().html}"
    assert SECRET not in shown
    assert "****" in shown
    verdict = catalogue.find("pipeline-run").run(context(workspace, settings))
    assert SECRET not in json.dumps([verdict.evidence, verdict.summary, dict(verdict.numbers)])


def test_drawn_values_differ_and_a_lab_without_a_cluster_says_so_in_the_file() -> None:
    assert declared.drawn() != declared.drawn()
    assert "no cluster" in declared.kubeconfig({}).secret.get_secret_value()
