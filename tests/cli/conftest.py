"""A mission in a temporary folder, commands in this process, and commands as real processes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from chaos_lib.cli import app
from chaos_lib.experiment import Experiment
from chaos_lib.lab import Lab
from chaos_lib.phases import phase
from chaos_lib.settings import Settings, Tier

OPCHAOS = Path(sys.executable).parent / "opchaos"


class Cli:
    """Runs commands on one mission.

    Attributes:
        settings: The mission's.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def __call__(self, *arguments: str) -> Result:
        """Run a command in this process."""
        result = CliRunner().invoke(app, list(arguments), prog_name="opchaos")
        assert "Traceback" not in result.output
        return result

    def start(self, *arguments: str, **env: str) -> subprocess.Popen[str]:
        """Start a command as a real process, in a session of its own; standard error joins the output."""
        return subprocess.Popen(
            [OPCHAOS, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, **env},
            start_new_session=True,
        )

    def wait(self, *arguments: str, **env: str) -> tuple[int, str]:
        """Run a command as a real process; return exit code and output."""
        process = self.start(*arguments, **env)
        output, _ = process.communicate(timeout=120)
        return process.returncode, output


@pytest.fixture
def cli(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Commands on a mission that does not exist yet."""
    monkeypatch.setenv("OPCHAOS_HOME", str(settings.home))
    monkeypatch.delenv("OPCHAOS_TIER", raising=False)
    monkeypatch.delenv("COLUMNS", raising=False)
    return Cli(settings)


@pytest.fixture
def with_workspace(cli: Cli) -> Cli:
    """Commands on a mission with the workspace of phase 1."""
    Experiment(cli.settings).workspace.create(phase(1))
    return cli


@pytest.fixture
def with_lab(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cli]:
    """Commands on a mission whose lab may use real servers without containers; taken down afterwards."""
    monkeypatch.setenv("OPCHAOS_TIER", Tier.EMBEDDED.value)
    embedded = cli.settings.model_copy(update={"tier": Tier.EMBEDDED})
    yield Cli(embedded)
    Lab(embedded).down()


def launch_half_way(settings: Settings) -> None:
    """Launch an attack in a process that ends before it is complete, as a kill does."""
    code = (
        "import os; from pathlib import Path; from chaos_lib import faultpoints\n"
        "from chaos_lib.attacks import codename_scrambled; from chaos_lib.experiment import Experiment\n"
        "from chaos_lib.settings import Settings\n"
        "faultpoints.on_reach = lambda name: os._exit(9) if name == 'experiment.injected' else None\n"
        f"Experiment(Settings(home=Path({str(settings.home)!r}))).launch(codename_scrambled.ATTACK)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 9
