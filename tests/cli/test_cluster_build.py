"""The cluster's build, begun early and told about."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from chaos_lib import labels
from chaos_lib.cli import cluster_build
from chaos_lib.cli.session import Session
from chaos_lib.lab import FacilityReport
from chaos_lib.lab.cluster.build.job import BuildJob, BuildState
from chaos_lib.lab.cluster_facility import ClusterFacility
from chaos_lib.phases import PHASES
from chaos_lib.settings import Settings, Tier

from .conftest import Cli


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Builds that were begun, each with whether it was in the background; none is for real."""
    found: list[bool] = []
    monkeypatch.setattr(BuildJob, "begin", lambda self, *, in_background: found.append(in_background) or True)
    return found


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, bool], None]:
    """Sets who would provide a cluster, and whether a phase plays on one."""

    def set_up(provider: str, is_wanted: bool) -> None:
        report = FacilityReport("cluster", provider, Tier.LIVE, "", "")
        monkeypatch.setattr(ClusterFacility, "report", lambda self: report)
        phases = [replace(phase, facilities=("cluster",) if is_wanted else ()) for phase in PHASES]
        monkeypatch.setattr(cluster_build, "PHASES", phases)

    return set_up


@pytest.mark.parametrize(
    ("provider", "is_wanted", "expected"),
    [("offline", True, [True]), ("offline", False, []), ("kind", True, [])],
)
def test_a_build_is_begun_where_a_phase_will_need_it(
    tmp_path: Path,
    begun: list[bool],
    machine: Callable[[str, bool], None],
    provider: str,
    is_wanted: bool,
    expected: list[bool],
) -> None:
    machine(provider, is_wanted)
    err = Console(file=StringIO(), width=200)
    session = Session(settings=Settings(home=tmp_path, cache=tmp_path / "cache"), out=Console(), err=err)
    assert cluster_build.begin_early(session) == bool(expected)
    assert begun == expected
    assert isinstance(err.file, StringIO)
    assert ("in the background" in err.file.getvalue()) == bool(expected)


def _write(cache: Path, state: BuildState) -> None:
    (cache / "kubernetes").mkdir(parents=True, exist_ok=True)
    (cache / "kubernetes" / "build.json").write_text(state.model_dump_json())


def test_status_tells_how_far_a_build_is_and_why_one_failed(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPCHAOS_CACHE", str(tmp_path / "cache"))
    assert json.loads(cli("status", "--json").stdout)["build"] is None

    going_on = BuildState(owner=labels.process_owner(), detail="compiling: k8s.io/api", fraction=0.42)
    _write(tmp_path / "cache", going_on)
    assert "being built, 42%: compiling: k8s.io/api" in cli("status").stdout

    _write(tmp_path / "cache", going_on.model_copy(update={"failure": ("No room.", "", "Make some.")}))
    text = " ".join(cli("status").stdout.split())
    assert "not built, No room: `opchaos up --cluster` builds it" in text
