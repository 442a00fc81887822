from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from chaos_lib.command import Command, CommandResult
from chaos_lib.lab import Lab
from chaos_lib.lab.engine import Engine, candidates, default_environment, find_engine
from chaos_lib.lab.services import ServicesProvider, providers
from chaos_lib.settings import Settings, Tier

OWN_SOCKET = Path("/run/opchaos/docker.sock")


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for all tests: an empty Postgres takes a second to prepare."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def settings(tmp_path: Path, cache: Path) -> Settings:
    return Settings(home=tmp_path / "mission", cache=cache)


@pytest.fixture(scope="session")
def engine(live_lab: Lab) -> Engine:
    found = find_engine(candidates(default_environment(), OWN_SOCKET)).engine
    if found is None:
        reason = "no Docker engine answers (`opchaos up` starts one)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture(
    params=[
        pytest.param(Tier.LIVE, marks=pytest.mark.lab, id="LIVE"),
        pytest.param(Tier.EMBEDDED, id="EMBEDDED"),
    ]
)
def provider(request: pytest.FixtureRequest, settings: Settings) -> Iterator[ServicesProvider]:
    """Each provider in turn: what is promised holds for all of them."""
    engine = request.getfixturevalue("engine") if request.param is Tier.LIVE else None
    chosen = next(one for one in providers(settings, engine) if one.tier is request.param)
    yield chosen
    chosen.stop()


@dataclass(frozen=True)
class Session:
    """A participant's project, and a way to run its tests as the lab does."""

    folder: Path
    settings: Settings
    report: Path

    def environment(self, tier: Tier, engine: Engine | None = None) -> dict[str, str]:
        found = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "OPCHAOS_HOME": str(self.settings.home),
            "OPCHAOS_CACHE": str(self.settings.cache),
            "OPCHAOS_RUN_ID": self.settings.run_id(),
            "OPCHAOS_SERVICES_TIER": tier.value,
            "OPCHAOS_CONTAINER_REPORT": str(self.report),
            "TESTCONTAINERS_RYUK_DISABLED": "true",
            "DOCKER_HOST": engine.url if engine else "unix:///nowhere/docker.sock",
        }
        if engine is not None:
            found["TESTCONTAINERS_HUB_IMAGE_NAME_PREFIX"] = "opchaos.local/"
        return found

    def argv(self) -> list[str]:
        options = ["-p", "no:randomly", "-p", "no:cacheprovider", "-p", "chaos_lib.lab.pytest_plugin", "-rA"]
        return [sys.executable, "-m", "pytest", *options, str(self.folder)]

    def run(
        self, code: str, tier: Tier = Tier.EMBEDDED, engine: Engine | None = None, **variables: str
    ) -> CommandResult:
        (self.folder / "test_project.py").write_text(code, encoding="utf-8")
        environment = self.environment(tier, engine) | variables
        return Command(self.argv(), cwd=self.folder, env=environment).run(timeout_s=120)


@pytest.fixture
def project(tmp_path: Path, settings: Settings) -> Session:
    folder = tmp_path / "project"
    folder.mkdir()
    return Session(folder, settings, tmp_path / "report.json")
