"""What a defence says it looks at is all that it looks at: everything else is spoilt, and its verdict must be the same."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from chaos_lib.defences.base import Defence, DefenceContext, Verdict, facility_of, scope_of
from chaos_lib.defences.catalogue import DEFENCES, find
from chaos_lib.defences.scope import EVERYTHING, IMAGE, MANIFESTS, Scope, Target
from chaos_lib.environment import FILE as ENVIRONMENT
from chaos_lib.environment import load
from chaos_lib.lab import Lab
from chaos_lib.mission import with_lab_names
from chaos_lib.phases import FINISHED
from chaos_lib.pipeline.declared import provide
from chaos_lib.settings import Settings, Tier
from chaos_lib.workspace import Workspace
from tests.matrix.conftest import FileReader

# They run the very tests of the one that is named, only more often; the pipeline looks at everything.
LIKE = {
    "flake-detector": "integration-tests",
    "random-order": "integration-tests",
    "frozen-clock": "unit-tests",
    "must-fail-run": "unit-tests",
}
TOO_LONG = (*LIKE, "triage", "pipeline-run")
HERE = [
    d for d in DEFENCES.values() if facility_of(d) not in ("containers", "cluster") and d.name not in TOO_LONG
]
ON_AN_ENGINE = [d for d in DEFENCES.values() if facility_of(d) == "containers"]
IN_A_CLUSTER = [d for d in DEFENCES.values() if facility_of(d) == "cluster"]


@dataclass(frozen=True)
class Bench:
    """Where a defence judges the finished project, and a spoilt copy of it.

    Attributes:
        finished: The finished project.
        lab: The lab that the defence works with.
        tier: Its tier.
    """

    finished: Path
    lab: Lab
    tier: Tier

    def judge(self, defence: Defence, workspace: Path) -> Verdict:
        """Return what a defence says of a workspace."""
        names = with_lab_names(self.lab.environment(), self.lab.settings.run_id())
        context = DefenceContext(workspace, load(workspace, names), names, self.lab.settings, self.tier)
        return defence.run(context)

    def is_same_on_spoilt(self, defence: Defence, copy: Path) -> bool:
        """Whether a defence says the same when everything is spoilt that it does not look at."""
        clean = self.judge(defence, self.finished)
        assert clean.is_green, f"{clean.reason}: {clean.summary}\n{clean.evidence}"
        shutil.copytree(self.finished, copy, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        spoil(copy, scope_of(defence))
        return self.judge(defence, copy).reason == clean.reason


def spoil(workspace: Path, scope: Scope) -> None:
    """Spoil every file that is not in a scope, and add one."""
    (workspace / "added.txt").write_text("", encoding="utf-8")
    for path in sorted(workspace.rglob("*")):
        name = path.relative_to(workspace).as_posix()
        if path.is_file() and not name.startswith(".git/") and not scope.covers(file(name)):
            # The environment is read for every defence: it stays readable, and says nothing that anybody needs.
            path.write_bytes(b"SPOILT=1\n" if name == ENVIRONMENT else b"\x00 }{ spoilt\n")


def file(name: str) -> Target:
    return Target("workspace.file", name)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the finished project."""
    settings = Settings(home=tmp_path_factory.mktemp("finished") / "mission")
    Workspace(settings).create(FINISHED)
    return settings.workspace


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory, finished: Path) -> Iterator[Bench]:
    """A lab of servers from wheels, up for all tests of this module."""
    lab = Lab(Settings(home=tmp_path_factory.mktemp("scopes") / "mission", tier=Tier.EMBEDDED))
    provide(lab.settings)
    lab.up()
    try:
        yield Bench(finished, lab, Tier.EMBEDDED)
    finally:
        lab.down()


@pytest.mark.parametrize("defence", HERE, ids=lambda defence: defence.name)
def test_what_a_defence_does_not_look_at_does_not_change_its_verdict(defence, embedded, tmp_path):
    assert embedded.is_same_on_spoilt(defence, tmp_path / "copy")


@pytest.mark.lab
@pytest.mark.timeout(300)
@pytest.mark.parametrize("defence", ON_AN_ENGINE, ids=lambda defence: defence.name)
def test_neither_does_it_with_an_engine(defence, live_lab, finished, tmp_path):
    assert Bench(finished, live_lab, Tier.LIVE).is_same_on_spoilt(defence, tmp_path / "copy")


@pytest.mark.lab
@pytest.mark.parametrize("defence", IN_A_CLUSTER, ids=lambda defence: defence.name)
def test_neither_does_it_in_a_cluster(defence, own_cluster, finished, tmp_path):
    assert Bench(finished, own_cluster, Tier.LIVE).is_same_on_spoilt(defence, tmp_path / "copy")


def test_a_defence_that_looks_at_more_than_it_says_is_found_out(embedded, tmp_path):
    liar = FileReader("liar", "src/mission_control/app.py", "FastAPI", looks_at=Scope(("Dockerfile",)))

    assert not embedded.is_same_on_spoilt(liar, tmp_path / "copy")


@pytest.mark.parametrize(("name", "model"), LIKE.items())
def test_who_runs_the_same_tests_looks_at_the_same(name, model):
    assert find(name).looks_at == find(model).looks_at


def test_triage_looks_at_what_its_layers_look_at():
    seen = scope_of(find("triage"))
    for layer in ("settings-gate", "integration-tests", "must-fail-run"):
        assert set(scope_of(find(layer)).files) <= set(seen.files)
        assert set(scope_of(find(layer)).facilities) <= set(seen.facilities)


@pytest.mark.parametrize("defence", DEFENCES.values(), ids=DEFENCES)
def test_every_defence_of_the_kit_says_what_it_looks_at(defence):
    assert isinstance(defence.looks_at, Scope)
    assert defence.looks_at.files


def test_one_that_does_not_say_may_look_at_everything():
    assert scope_of(object()) is EVERYTHING


def test_a_scope_covers_files_by_pattern_and_facilities_by_name():
    assert IMAGE.covers(file("src/mission_control/routes/missions.py"))
    assert IMAGE.covers(Target("docker.container", "opchaos-1-port-6379"))
    assert not IMAGE.covers(file("tests/unit/test_models.py"))
    assert not IMAGE.covers(Target("credential", "signing-key"))
    assert not MANIFESTS.covers(Target("cluster.object", "v1/Service/mission-control"))
    assert (IMAGE | MANIFESTS).covers(file("k8s/base/deployment.yaml"))


def test_a_target_of_a_kind_that_is_not_known_may_matter_to_everybody():
    assert Scope().covers(Target("weather", "rain"))
