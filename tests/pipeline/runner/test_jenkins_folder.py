"""The folder jenkins/: everything is pinned, no secret is in it, and its pipeline runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from chaos_lib.pipeline.parser import parse
from chaos_lib.pipeline.protocol import BuildResult
from tests.pipeline.runner.conftest import Bench

FOLDER = Path(__file__).parents[3] / "jenkins"
JENKINSFILE = (FOLDER / "Jenkinsfile").read_text(encoding="utf-8")
TOOLS = """#!/bin/sh
echo "$(basename "$0") $*" >> "$CALLS"
case "$*" in
  *junitxml=*) file="${*##*--junitxml=}"; mkdir -p reports
     echo '<testsuite><testcase name="t"/></testsuite>' > "$file";;
esac
case "$*" in *"$FAILS"*) exit 1;; esac
"""


def loaded(name: str) -> Any:
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


def test_the_jenkinsfile_is_valid() -> None:
    assert parse(JENKINSFILE).is_valid


def test_every_credential_of_the_jenkinsfile_is_configured() -> None:
    used = set(re.findall(r"credentialsId: '([^']+)'", JENKINSFILE))
    (domain,) = loaded("casc.yaml")["credentials"]["system"]["domainCredentials"]
    configured = {value["id"] for entry in domain["credentials"] for value in entry.values()}

    assert used == configured


def test_plugins_packages_and_the_controller_are_pinned() -> None:
    plugins = [
        line
        for line in (FOLDER / "plugins.txt").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    packages = [
        line
        for line in (FOLDER / "requirements.txt").read_text().splitlines()
        if line and not line.startswith("#")
    ]

    names = [plugin.partition(":")[0] for plugin in plugins]
    assert names == sorted(names)
    assert all(re.fullmatch(r"[a-z-]+:[\w.]*\d[\w.]*", plugin) for plugin in plugins)
    assert all(re.fullmatch(r"[a-z\[\],-]+==[\d.]+", package) for package in packages)
    assert re.search(
        r"^FROM jenkins/jenkins:\d+\.\d+\.\d+-lts-jdk\d+$", (FOLDER / "Dockerfile").read_text(), re.M
    )


def test_packages_have_the_versions_of_the_kit() -> None:
    known = (FOLDER.parent / "constraints.txt").read_text()

    for line in (FOLDER / "requirements.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            name, version = re.sub(r"\[.*\]", "", line).split("==")
            assert f"{name}=={version}" in known


def test_the_configuration_holds_no_secret_of_its_own() -> None:
    def values(node: Any, name: str = "") -> Any:
        if isinstance(node, dict):
            for key, value in node.items():
                yield from values(value, str(key))
        elif isinstance(node, list):
            for value in node:
                yield from values(value, name)
        else:
            yield name, node

    secret = [
        value for name, value in values(loaded("casc.yaml")) if name in ("password", "secret", "secretBytes")
    ]
    assert secret
    assert all(re.fullmatch(r"\$\{[A-Z_]+(:-unset)?\}", value) for value in secret)
    assert loaded("casc.yaml")["jenkins"]["securityRealm"]["local"]["allowsSignup"] is False
    assert "secrets/" in (FOLDER / ".gitignore").read_text().split()


def test_the_controller_listens_on_this_machine_only() -> None:
    (service,) = loaded("compose.yaml")["services"].values()

    assert all(port.startswith("127.0.0.1:") for port in service["ports"])


@pytest.mark.parametrize(
    ("fails", "result", "red"),
    [
        ("nothing", BuildResult.SUCCESS, set()),
        ("ruff", BuildResult.FAILURE, {"Check", "Lint"}),
        ("tests/unit", BuildResult.FAILURE, {"Check", "Unit tests"}),
        ("tests/integration", BuildResult.FAILURE, {"Integration tests"}),
        ("docker build", BuildResult.FAILURE, {"Image"}),
    ],
)
def test_the_pipeline_is_red_exactly_when_one_of_its_tools_is(
    bench: Bench,
    fails: str,
    result: BuildResult,
    red: set[str],
) -> None:
    tools = bench.workspace.parent / "tools"
    tools.mkdir()
    for name in ("python3", "docker"):
        path = tools / name
        path.write_text(TOOLS)
        path.chmod(0o755)
    (bench.workspace / "Dockerfile").write_text("FROM scratch\n")
    calls = bench.workspace.parent / "calls"
    # The tools see their arguments without their own name.
    environment = {
        "PATH": f"{tools}:/usr/bin:/bin",
        "CALLS": str(calls),
        "FAILS": fails.removeprefix("docker "),
        "BRANCH_NAME": "main",
    }

    record = bench.run(JENKINSFILE, environment=environment)

    assert record.result is result, record.log
    assert {stage.name for stage in record.stages if stage.status.value == "FAILED"} == red
    assert "docker push" not in calls.read_text()
    if result is BuildResult.SUCCESS:
        assert record.tests.total == 2
        assert record.artifacts == ("reports/integration.xml", "reports/unit.xml")
        assert "docker build --tag mission-control:1 ." in calls.read_text()
