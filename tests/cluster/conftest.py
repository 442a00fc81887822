"""The finished project with its manifests, and clusters that were recorded."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from chaos_lib.cluster import kubectl, manifests
from chaos_lib.cluster.manifests import Manifests
from chaos_lib.contexts import Contexts
from chaos_lib.defences.base import DefenceContext
from chaos_lib.errors import ToolMissing
from chaos_lib.settings import Settings
from chaos_lib.wait import Clock

ROOT = Path(__file__).resolve().parents[2]
K8S = ROOT / "k8s"
KUBECONFIG = """
apiVersion: v1
kind: Config
current-context: production
contexts:
  - {name: lab, context: {cluster: lab, user: lab}}
  - {name: production, context: {cluster: production, user: lab}}
clusters:
  - {name: lab, cluster: {server: "https://127.0.0.1:1"}}
  - {name: production, cluster: {server: "https://127.0.0.1:2"}}
users:
  - {name: lab, user: {token: none}}
"""


@pytest.fixture(scope="session")
def kubectl_program() -> Path:
    """The program that renders; installed by the kit itself where it can be."""
    try:
        return kubectl.find()
    except ToolMissing as missing:
        if os.environ.get("CI") == "true":
            pytest.fail(missing.text)
        pytest.skip(missing.text)


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory, kubectl_program: Path) -> Callable[..., Manifests]:
    """Renders folders of the finished manifests, each once a session."""
    root = tmp_path_factory.mktemp("finished") / "k8s"
    shutil.copytree(K8S, root, ignore=shutil.ignore_patterns(manifests.SECRET_NAME))
    manifests.provide_secret(root)
    known: dict[tuple[str, ...], Manifests] = {}

    def render(*parts: str) -> Manifests:
        if parts not in known:
            known[parts] = manifests.render_all(root, parts, kubectl_program)
        return known[parts]

    return render


@dataclass
class Ticking:
    """A clock that moves on by itself when somebody sleeps.

    Attributes:
        now: Its seconds.
    """

    now: float = 0.0

    @property
    def clock(self) -> Clock:
        """For code that wants one."""
        return Clock(monotonic=lambda: self.now, sleep=self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    """A clock without real time."""
    return Ticking().clock


@pytest.fixture
def context(settings: Settings, tmp_path: Path) -> Iterator[DefenceContext]:
    """What a defence may look at: a workspace with the finished manifests, and a lab with a cluster."""
    shutil.copytree(K8S, settings.workspace / "k8s", ignore=shutil.ignore_patterns(manifests.SECRET_NAME))
    manifests.provide_secret(settings.workspace / "k8s")
    shutil.copyfile(ROOT / "sample_app" / "pyproject.toml", settings.workspace / "pyproject.toml")
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(KUBECONFIG, encoding="utf-8")
    contexts = Contexts(settings.state)
    contexts.record_lab_context("lab", kubeconfig)
    contexts.record_namespace("lab", kubeconfig, "mission-control")
    lab = {
        "KUBECONFIG": str(kubeconfig),
        "OPCHAOS_KUBE_CONTEXT": "lab",
        "OPCHAOS_KUBE_NAMESPACE": "mission-control",
        "OPCHAOS_CLUSTER_TIER": "SIMULATED",
    }
    yield DefenceContext(workspace=settings.workspace, environment={}, lab=lab, settings=settings)
    with suppress(OSError):
        kubeconfig.unlink()


@pytest.fixture
def edit(context: DefenceContext) -> Callable[[str, str, str], None]:
    """Replaces a text in a manifest of the workspace."""

    def change(path: str, old: str, new: str) -> None:
        file = context.workspace / "k8s" / path
        text = file.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {path}"
        file.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def no_lab(context: DefenceContext) -> DefenceContext:
    """Return the context of a lab without a cluster."""
    return replace(context, lab={})
