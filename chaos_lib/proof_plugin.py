"""A pytest plugin that proves every attack file it is given: `pytest -p chaos_lib.proof_plugin chaos_lib/attacks`.

Each attack gives four tests on each tier that it supports (on one, where its defence uses no services), one a state: `clean`, `attacked`, `undone`, `solved`; a decoy
gives two, `clean` and `launched`. A new attack file brings its proofs by being there; a file that is no complete attack is an error that says why.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from chaos_lib import labels
from chaos_lib.attacks import catalogue
from chaos_lib.attacks.base import Attack
from chaos_lib.cluster.objects import key_of
from chaos_lib.cluster.target import lab_target
from chaos_lib.defences import catalogue as defences
from chaos_lib.errors import ChaosError
from chaos_lib.lab.docker_containers import DockerContainers
from chaos_lib.lab.lab import Lab
from chaos_lib.mission import with_lab_names
from chaos_lib.operations.cluster_object import wished
from chaos_lib.proofs import Proof, ProofGround, states_of
from chaos_lib.settings import Settings, Tier

_SEED = 20
_CLUSTER_BUILD_S = 1200
# What attacks change in a cluster.
_KINDS = (
    ("v1", "Service"),
    ("v1", "ConfigMap"),
    ("v1", "Secret"),
    ("v1", "ResourceQuota"),
    ("v1", "LimitRange"),
    ("v1", "ServiceAccount"),
    ("apps/v1", "Deployment"),
    ("rbac.authorization.k8s.io/v1", "Role"),
    ("rbac.authorization.k8s.io/v1", "RoleBinding"),
    ("networking.k8s.io/v1", "NetworkPolicy"),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--tiers`: on which tiers attacks are proved."""
    parser.addoption(
        "--tiers",
        default="LIVE,EMBEDDED",
        help="Tiers on which attacks are proved, such as LIVE or EMBEDDED; both by default.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known where this plugin is used outside the kit's own tests."""
    config.addinivalue_line("markers", "lab: needs a real lab")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect the attack files of a folder called `attacks`."""
    is_attack = file_path.suffix == ".py" and file_path.parent.name == "attacks"
    if not is_attack or (file_path.name.startswith(("_", "test_")) and not _is_ours(file_path)):
        return None
    if file_path.stem in catalogue.NOT_ATTACKS:
        return None
    collector: pytest.Collector = AttackFile.from_parent(parent, path=file_path)
    return collector


def _is_ours(path: Path) -> bool:
    """Whether this is one of the package's own attacks, whose names may begin with `test_`."""
    return path.parent == Path(catalogue.__file__).parent and not path.name.startswith("_")


class AttackFile(pytest.File):
    """One attack file: one test a state on each tier."""

    def collect(self) -> Iterable[pytest.Item]:
        """Load the attack and return its proofs."""
        attack = catalogue.load_file(self.path)
        asked = [Tier(name.strip()) for name in self.config.getoption("--tiers").split(",")]
        tiers = [tier for tier in asked if tier in attack.tiers]
        if not defences.find(attack.defence).uses_services:
            # The same on every tier: once is a proof.
            tiers = tiers[:1]
        for tier in tiers:
            for state in states_of(attack):
                yield ProofItem.from_parent(
                    self, name=f"{state}[{tier.value}]", attack=attack, state=state, tier=tier
                )


class ProofItem(pytest.Item):
    """One state of one attack on one tier."""

    def __init__(self, *, attack: Attack, state: str, tier: Tier, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._attack, self._state, self._tier = attack, state, tier
        self.add_marker("lab")
        if attack.facility == "cluster":
            # The first one may wait for the cluster to be built.
            self.add_marker(pytest.mark.timeout(_CLUSTER_BUILD_S))

    def runtest(self) -> None:
        """Prove it."""
        ground = self.session.config.stash[_GROUNDS].on(self._tier, self._attack.facility)
        getattr(Proof(self._attack, ground), states_of(self._attack)[self._state])()

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show our own errors as their three parts."""
        if isinstance(excinfo.value, ChaosError):
            return excinfo.value.text
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Name the attack and the state."""
        return self.path, 0, f"{self._attack.name}: {self.name}"


class Grounds:
    """The proof grounds of a session: one a tier, brought up when first needed; the cluster joins it when first needed."""

    def __init__(self) -> None:
        self._stack = contextlib.ExitStack()
        # A folder of its own: a worker of pytest-xdist empties its base folder when the first test asks for `tmp_path`.
        self._folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="opchaos-proofs-")))
        self._grounds: dict[Tier, _Playground] = {}

    def on(self, tier: Tier, facility: str = "services") -> ProofGround:
        """Return the ground of a tier; its lab is up, with the facility."""
        if tier not in self._grounds:
            self._grounds[tier] = self._stack.enter_context(_playground(self._folder / tier.value, tier))
        if facility == "cluster":
            self._grounds[tier].add_cluster()
        return self._grounds[tier].ground

    def close(self) -> None:
        """Take every lab down."""
        self._stack.close()


_GROUNDS = pytest.StashKey[Grounds]()


def pytest_sessionstart(session: pytest.Session) -> None:
    """Prepare the grounds; nothing is started yet."""
    session.config.stash[_GROUNDS] = Grounds()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Take the labs down."""
    session.config.stash[_GROUNDS].close()


class _Playground:
    """A lab, and the ground on it."""

    def __init__(self, settings: Settings, lab: Lab, tier: Tier) -> None:
        self._lab = lab
        self._variables = with_lab_names(lab.environment(), settings.run_id())
        self._has_cluster = False
        self.ground = ProofGround(settings, self._variables, tier, leftovers=self._leftovers)

    def add_cluster(self) -> None:
        """Bring the cluster up, unless it is."""
        if self._has_cluster:
            return
        found = self._lab.up(also=("cluster",)).facility("cluster")
        if found is None or found.tier is not Tier.LIVE:
            why = f"The lab offers no cluster here: {found.reason if found else 'none'}"
            if os.environ.get("CI") == "true":
                pytest.fail(why)
            pytest.skip(why)
        self._variables.update(self._lab.environment())
        self._has_cluster = True

    def _leftovers(self) -> tuple[str, ...]:
        settings, tier = self.ground.settings, self.ground.tier
        objects = _objects(self._variables) if self._has_cluster else ()
        return (*_containers(settings, tier), *objects)


@contextlib.contextmanager
def _playground(home: Path, tier: Tier) -> Iterator[_Playground]:
    settings = Settings(home=home, seed=_SEED, tier=tier)
    lab = Lab(settings)
    state = lab.up()
    try:
        services = state.facility("services")
        if services is None or services.tier is not tier:
            reason = services.reason if services else "no services"
            pytest.fail(f"The lab offers no {tier.value} services here: {reason}")
        yield _Playground(settings, lab, tier)
    finally:
        lab.down()


def _objects(lab: Mapping[str, str]) -> tuple[str, ...]:
    """Name the objects of the mission's namespace, each with a mark of what is wished of it: an undo has to restore both."""
    with contextlib.closing(lab_target(lab).connect()) as api:
        found = [body for api_version, kind in _KINDS for body in api.list(api_version, kind)]
        marks = (
            hashlib.sha256(json.dumps(wished(body), sort_keys=True).encode()).hexdigest() for body in found
        )
        return tuple(f"{key_of(body).in_words} {mark[:12]}" for body, mark in zip(found, marks, strict=True))


def _containers(settings: Settings, tier: Tier) -> tuple[str, ...]:
    """Name the containers, networks and volumes of this run."""
    if tier is not Tier.LIVE:
        return ()
    ours = {"label": f"{labels.RUN}={settings.run_id()}"}
    with contextlib.closing(DockerContainers(settings).search().require().connect()) as client:
        found = [item["Names"][0] for item in client.api.containers(all=True, filters=ours)]
        found += [item["Name"] for item in client.api.networks(filters=ours)]
        found += [item["Name"] for item in client.api.volumes(filters=ours).get("Volumes") or ()]
        return tuple(sorted(found))
