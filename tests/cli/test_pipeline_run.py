"""`opchaos pipeline run`."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from chaos_lib.lab import Lab
from chaos_lib.phases import FINISHED
from chaos_lib.wait import Reading, wait_until
from chaos_lib.workspace import Workspace
from tests.pipeline.fake_controller import TOKEN, USER, serving

from .conftest import OPCHAOS, Cli

PIPELINE = """pipeline {{
    agent any
    parameters {{ string(name: 'WHO', defaultValue: 'you') }}
    stages {{ stage('A') {{ steps {{ {steps} }} }} }}
    post {{ always {{ echo 'after' }} }}
}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "my project"
    folder.mkdir()
    return folder


def written(project: Path, steps: str) -> str:
    path = project / "Jenkinsfile"
    path.write_text(PIPELINE.format(steps=steps), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("steps", "code", "result"),
    [
        ("echo 'x'", 0, "SUCCESS"),
        ("sh 'exit 3'", 1, "FAILURE"),
        ("unstable 'hm'", 3, "UNSTABLE"),
        ("input 'Go?'", 0, "SUCCESS"),
    ],
)
def test_the_exit_code_says_how_the_build_ended(
    cli: Cli, project: Path, steps: str, code: int, result: str
) -> None:
    done = cli("pipeline", "run", written(project, steps))

    assert done.exit_code == code, done.output
    assert done.stdout.startswith("[Pipeline] Start of Pipeline\n")
    assert done.stdout.endswith(f"Finished: {result}\n")
    assert f"my-project #1: {result} in" in done.stderr


def test_parameters_workspace_and_builds_are_chosen(cli: Cli, project: Path, tmp_path: Path) -> None:
    file = written(project, "sh 'pwd; touch made'\n echo \"to ${params.WHO}\"")
    other = tmp_path / "other"
    other.mkdir()

    done = cli(
        "pipeline", "run", file, "-p", "WHO=a=b", "--workspace", str(other), "--job", "team/demo",
        "--builds", str(tmp_path / "kept"),
    )  # fmt: skip

    assert done.exit_code == 0, done.output
    assert "to a=b\n" in done.stdout
    assert (other / "made").exists()
    assert (tmp_path / "kept/team/demo/1/log").read_text() == done.stdout


def test_the_branch_of_the_workspace_is_known(cli: Cli, project: Path) -> None:
    subprocess.run(["git", "init", "-q", "-b", "feature/x", str(project)], check=True)

    assert "on feature/x\n" in cli("pipeline", "run", written(project, 'echo "on ${BRANCH_NAME}"')).stdout


def test_credentials_come_from_where_the_file_says(
    cli: Cli, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_TOKEN", "planted-in-a-variable")
    (project / "key.pem").write_text("planted-in-a-file\n")
    (project / "credentials.yaml").write_text(
        "token: {kind: string, from_env: MY_TOKEN}\nkey: {kind: file, from_file: key.pem}\n"
    )
    steps = (
        "withCredentials([string(credentialsId: 'token', variable: 'T'), file(credentialsId: 'key', variable: 'F')]) "
        '{ sh \'printf %s "$T" > t; cp "$F" f; cat "$F"\' }'
    )

    done = cli("pipeline", "run", written(project, steps), "--credentials", str(project / "credentials.yaml"))

    assert done.exit_code == 0, done.output
    assert (project / "t").read_text() == "planted-in-a-variable"
    assert (project / "f").read_text() == "planted-in-a-file\n"
    assert "planted" not in done.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "cannot be read"),
        (["FILE", "-p", "WHO"], "is no parameter"),
        (["FILE", "-p", "NONE=1"], "no parameter `NONE`"),
        (["FILE", "--workspace", "/nowhere"], "is no folder"),
        (["FILE", "--job", "../up"], "is no name for a job"),
        (["FILE", "--credentials", "nowhere.yaml"], "cannot be read"),
        (["FILE", "--controller"], "No controller is named"),
    ],
)
def test_what_cannot_be_right_is_told_with_exit_code_2(
    cli: Cli, project: Path, arguments: list[str], said: str
) -> None:
    file = written(project, "echo 'x'")

    done = cli("pipeline", "run", *[file if each == "FILE" else each for each in arguments])

    assert done.exit_code == 2, done.output
    assert said in done.stderr.replace("\n", " ")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("token: {kind: string, secret: planted}", "lists no credentials"),
        ("token: [", "is no YAML"),
        ("token: {kind: string}", "exactly one of"),
        ("token: {kind: string, from_env: NOT_SET_AT_ALL}", "NOT_SET_AT_ALL"),
        ("token: {kind: file, from_file: not-there}", "cannot be read"),
    ],
)
def test_a_wrong_file_of_credentials_is_told_without_a_value(
    cli: Cli, project: Path, content: str, said: str
) -> None:
    path = project / "credentials.yaml"
    path.write_text(content)

    done = cli("pipeline", "run", written(project, "echo 'x'"), "--credentials", str(path))

    assert done.exit_code == 2, done.output
    assert said in done.stderr.replace("\n", " ")
    assert "planted" not in done.output


def test_a_file_that_jenkins_refuses_is_told_with_line_and_column(cli: Cli, project: Path) -> None:
    path = project / "Jenkinsfile"
    path.write_text("pipeline {\n    stages { stage('A') { steps { echo 'a' } } }\n}\n")

    done = cli("pipeline", "run", str(path))

    assert done.exit_code == 2
    assert 'Missing required section "agent" @ line 1, column 1.' in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
def test_a_stop_aborts_and_post_still_runs(project: Path, tmp_path: Path, number: signal.Signals) -> None:
    file = written(project, "sh 'touch begun; sleep 600'")
    child = subprocess.Popen(
        [OPCHAOS, "--home", tmp_path / "mission", "pipeline", "run", file],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=dict(os.environ),
    )
    try:
        wait_until(
            "the step runs",
            lambda: Reading((project / "begun").exists() or child.poll() is not None),
            timeout_s=120.0,
        )
    finally:
        child.send_signal(number)
        said, _ = child.communicate(timeout=120)

    assert child.returncode == 1, said
    assert "[Pipeline] echo\nafter\n" in said
    assert "Finished: ABORTED\n" in said


def test_a_controller_runs_it(cli: Cli, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as fake:
        monkeypatch.setenv("OPCHAOS_JENKINS_URL", fake.url)
        monkeypatch.setenv("OPCHAOS_JENKINS_USER", USER)
        monkeypatch.setenv("OPCHAOS_JENKINS_TOKEN", TOKEN)

        done = cli("pipeline", "run", written(project, "echo 'x'"), "--controller")

    assert done.exit_code == 0, done.output
    assert done.stdout.endswith("Finished: SUCCESS\n")
    assert "my-project #7: SUCCESS" in done.stderr


@pytest.mark.lab
@pytest.mark.timeout(600)
def test_the_finished_pipeline_is_green_in_the_mission_s_own_workspace(live_lab: Lab) -> None:
    settings = live_lab.settings
    workspace = Workspace(settings)
    workspace.create(FINISHED)

    done = subprocess.run(
        [OPCHAOS, "--home", settings.home, "pipeline", "run", workspace.folder / "Jenkinsfile"],
        capture_output=True,
        text=True,
        timeout=500,
    )

    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    assert done.stdout.endswith("Finished: SUCCESS\n")
    assert "✓ Image: SUCCESS" in done.stderr
