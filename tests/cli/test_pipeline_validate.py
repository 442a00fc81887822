"""`opchaos pipeline validate`."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from .conftest import OPCHAOS

ROOT = Path(__file__).resolve().parents[2]
VALID = "pipeline {\n    agent any\n    stages { stage('A') { steps { echo 'a' } } }\n}\n"
INVALID = "pipeline {\n    stages { stage('A') { steps { echo 'a' } } }\n}\n"
SAID = (
    "Errors encountered validating Jenkinsfile:\n"
    'WorkflowScript: 1: Missing required section "agent" @ line 1, column 1.\n   pipeline {\n   ^\n'
)


@pytest.fixture
def jenkinsfile(tmp_path):
    def write(text: str, name: str = "Jenkinsfile"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def test_a_valid_file_passes_in_jenkins_words(cli, jenkinsfile):
    result = cli("pipeline", "validate", jenkinsfile(VALID))

    assert (result.exit_code, result.stdout) == (0, "Jenkinsfile successfully validated.\n")


def test_an_invalid_file_fails_in_jenkins_words(cli, jenkinsfile):
    result = cli("pipeline", "validate", jenkinsfile(INVALID))

    assert (result.exit_code, result.stdout) == (1, SAID + "\n")


def test_a_file_without_a_pipeline_fails(cli, jenkinsfile):
    result = cli("pipeline", "validate", jenkinsfile("node { }\n"))

    assert result.exit_code == 1
    assert "did not contain the 'pipeline' step" in result.stdout


def test_several_files_are_named_and_one_bad_one_fails_all(cli, jenkinsfile):
    good, bad = jenkinsfile(VALID, "good"), jenkinsfile(INVALID, "bad")

    result = cli("pipeline", "validate", good, bad)

    assert result.exit_code == 1
    assert result.stdout == f"{good}:\nJenkinsfile successfully validated.\n{bad}:\n{SAID}\n"


def test_json_is_for_programs(cli, jenkinsfile):
    bad = jenkinsfile(INVALID)

    result = cli("pipeline", "validate", "--format", "json", bad)

    problem = {"line": 1, "column": 1, "message": 'Missing required section "agent"', "syntax": False}
    assert json.loads(result.stdout) == [{"file": bad, "valid": False, "problems": [problem]}]


def test_json_says_why_a_file_without_a_pipeline_is_invalid(cli, jenkinsfile):
    (found,) = json.loads(cli("pipeline", "validate", "--format", "json", jenkinsfile("echo 'x'\n")).stdout)

    assert not found["valid"]
    assert [problem["message"] for problem in found["problems"]] == [
        "The file does not contain the 'pipeline' step"
    ]


def test_github_gets_annotations_of_one_line_each(cli, jenkinsfile):
    text = VALID.replace("echo 'a'", 'echo "$"')

    result = cli("pipeline", "validate", "--format", "github", jenkinsfile(text, "a,b"))

    assert result.exit_code == 1
    (line,) = result.stdout.splitlines()
    assert line.startswith("::error file=")
    assert "a%2Cb,line=3,col=" in line
    assert "illegal string body character after dollar sign;%0A" in line
    without = cli("pipeline", "validate", "--format", "github", jenkinsfile("node { }\n"))
    assert without.stdout.endswith("::The file does not contain the 'pipeline' step\n")


def test_a_file_that_is_not_there_is_wrong_input(cli):
    result = cli("pipeline", "validate", "nowhere/Jenkinsfile")

    assert result.exit_code == 2
    assert "cannot be read" in result.stderr


def test_a_file_that_is_no_text_is_wrong_input(cli, tmp_path):
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")

    result = cli("pipeline", "validate", str(tmp_path / "binary"))

    assert result.exit_code == 2
    assert "no text in UTF-8" in result.stderr


@pytest.mark.parametrize(
    ("path", "is_checked"),
    [
        ("Jenkinsfile", True),
        ("ci/Jenkinsfile", True),
        ("Jenkinsfile.deploy", True),
        ("build.Jenkinsfile", True),
        ("Jenkinsfiles/readme.md", False),
        ("src/JenkinsfileTest.java", False),
    ],
)
def test_the_pre_commit_hook_runs_this_command_on_jenkinsfiles(path, is_checked):
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))

    assert hook["entry"] == "opchaos pipeline validate"
    assert bool(re.search(hook["files"], path)) == is_checked


def test_standard_input_is_a_dash():
    result = subprocess.run(
        [OPCHAOS, "pipeline", "validate", "-"], input=INVALID, capture_output=True, text=True, check=False
    )

    assert (result.returncode, result.stdout) == (1, SAID + "\n")
