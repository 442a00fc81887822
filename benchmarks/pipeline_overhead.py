"""What the pipeline runner adds: a realistic pipeline by the runner, against its bare shell commands one after the other."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.report import Figure, at_most, informs, publish, timed_s
from chaos_lib.credentials import CredentialStore
from chaos_lib.pipeline.protocol import BuildRequest, BuildResult, run
from chaos_lib.pipeline.runner.engine import Runner
from chaos_lib.settings import Settings

_ROUNDS = 5
_STEPS = 50
_COMMANDS = {
    "Lint": ["python -m compileall -q src", "python -m ruff check --isolated --select F src"],
    "Unit tests": ["python -m pytest -q -p no:cacheprovider tests/unit --junitxml=reports/unit.xml"],
    "Package": [
        "mkdir -p dist",
        "tar -czf dist/app.tar.gz src",
        "sha256sum dist/app.tar.gz > dist/app.sha256",
    ],
    "Smoke": ["python -c 'import mission_control'", "test -s dist/app.tar.gz"],
}
_TEMPLATE = """pipeline {{
    agent any
    options {{ timeout(time: 10, unit: 'MINUTES') }}
    environment {{ PYTHONPATH = 'src' }}
    stages {{
{stages}
    }}
    post {{ always {{ junit 'reports/*.xml'
                      archiveArtifacts 'dist/*' }} }}
}}
"""


def jenkinsfile() -> str:
    """Return the pipeline of these commands."""
    stages = []
    for name, commands in _COMMANDS.items():
        steps = "\n".join(f'                sh "{command}"' for command in commands)
        stages.append(
            f"        stage('{name}') {{\n            steps {{\n{steps}\n            }}\n        }}"
        )
    return _TEMPLATE.format(stages="\n".join(stages))


def _cost_of_a_step_s(runner: Runner, workspace: Path) -> float:
    """Return what the runner adds to a command that does nothing."""
    steps = "\n".join(["sh 'true'"] * _STEPS)
    text = f"pipeline {{ agent any\n stages {{ stage('A') {{ steps {{\n{steps}\n}} }} }} }}"
    request = BuildRequest(text, workspace, job="steps", environment=dict(os.environ))

    def by_shell() -> None:
        for _ in range(_STEPS):
            subprocess.run(["/bin/sh", "-xec", "true"], cwd=workspace, check=True, capture_output=True)

    rounds = [
        (timed_s(by_shell), timed_s(lambda: run(runner, request, timeout_s=600))) for _ in range(_ROUNDS)
    ]
    return (min(second for _, second in rounds) - min(first for first, _ in rounds)) / _STEPS


def measure() -> list[Figure]:
    """Run the pipeline and its bare commands in turn."""
    text = jenkinsfile()
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": "src",
    }
    with tempfile.TemporaryDirectory(prefix="opchaos-bench-") as folder:
        root = Path(folder)
        workspace = root / "workspace"
        shutil.copytree(Settings().sample_app, workspace)
        runner = Runner(root / "builds", CredentialStore(root / "credentials"))

        def by_shell() -> None:
            for commands in _COMMANDS.values():
                for command in commands:
                    subprocess.run(
                        ["/bin/sh", "-xec", command],
                        cwd=workspace,
                        env=environment,
                        check=True,
                        capture_output=True,
                    )

        def by_runner() -> None:
            request = BuildRequest(text, workspace, environment=environment)
            record = run(runner, request, timeout_s=600)
            assert record.result is BuildResult.SUCCESS, record.log

        by_shell()
        by_runner()
        # In turn: a machine that is busy for a while is so for both.
        rounds = [(timed_s(by_shell), timed_s(by_runner)) for _ in range(_ROUNDS)]
        bare, ours = [first for first, _ in rounds], [second for _, second in rounds]
        steps = _cost_of_a_step_s(runner, workspace)
    # The fastest of each: what the machine does beside only adds.
    overhead = min(ours) / min(bare) - 1
    return [
        at_most("overhead of the runner over the bare commands", overhead * 100, 10.0, "%"),
        informs("the pipeline by the runner", min(ours), "s"),
        informs("the bare commands", min(bare), "s"),
        at_most("the runner's own cost of a step", steps * 1000, 50.0, "ms"),
    ]


if __name__ == "__main__":
    publish("The pipeline runner", measure())
