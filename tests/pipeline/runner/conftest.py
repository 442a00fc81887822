"""A runner with a folder of its own, and a few credentials."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from chaos_lib.credentials import Credential, CredentialStore
from chaos_lib.pipeline.protocol import BuildListener, BuildRecord, BuildRequest, StageRecord, run
from chaos_lib.pipeline.runner.build import Build
from chaos_lib.pipeline.runner.engine import Runner

TOKEN = "planted-s3cret+/value"
PASSWORD = 'pa\'ss "word" & 1'
FILE_CONTENT = "-----BEGIN-----\nplanted-line-of-a-key\n-----END-----\n"
TIMEOUT_S = 120.0


@dataclass
class Recorder:
    """Keeps what a listener hears."""

    texts: list[str] = field(default_factory=list)
    stages: list[StageRecord] = field(default_factory=list)

    def text(self, text: str) -> None:
        self.texts.append(text)

    def stage(self, record: StageRecord) -> None:
        self.stages.append(record)


@dataclass
class Bench:
    """Runs Jenkinsfiles."""

    runner: Runner
    workspace: Path
    builds: Path

    def request(self, jenkinsfile: str, **changes: Any) -> BuildRequest:
        changes.setdefault("environment", dict(os.environ))
        return BuildRequest(jenkinsfile=jenkinsfile, workspace=self.workspace, **changes)

    def run(self, jenkinsfile: str, listener: BuildListener | None = None, **changes: Any) -> BuildRecord:
        return run(self.runner, self.request(jenkinsfile, **changes), timeout_s=TIMEOUT_S, listener=listener)

    def start(self, jenkinsfile: str, **changes: Any) -> Build:
        return self.runner.start(self.request(jenkinsfile, **changes))

    def steps(self, steps: str, **changes: Any) -> BuildRecord:
        """Run steps in a pipeline of one stage."""
        return self.run(one_stage(steps), **changes)


def one_stage(steps: str, *, before: str = "", within: str = "", after: str = "") -> str:
    """A pipeline of one stage, with more in front of the stages, in the stage, and behind the stages."""
    return f"""pipeline {{
    agent any
    {before}
    stages {{
        stage('Only') {{
            {within}
            steps {{
                {steps}
            }}
        }}
    }}
    {after}
}}
"""


def lines(record: BuildRecord) -> list[str]:
    """The log without Jenkins's own lines."""
    return [
        line
        for line in record.log.splitlines()
        if not line.startswith(("[Pipeline]", "Running on", "Finished"))
    ]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    store = CredentialStore(tmp_path / "credentials")
    store.put("api-token", Credential(kind="string", secret=SecretStr(TOKEN)))
    store.put("login", Credential(kind="usernamePassword", username="ann", secret=SecretStr(PASSWORD)))
    store.put("key", Credential(kind="file", secret=SecretStr(FILE_CONTENT)))
    return Bench(Runner(tmp_path / "builds", store), workspace, tmp_path / "builds")
