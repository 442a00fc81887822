"""Fixtures for all tests: a mission in a temporary folder, and the real lab."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

from chaos_lib.errors import ChaosError
from chaos_lib.lab import Lab
from chaos_lib.settings import Settings, Tier

SEED = 20
# A Jenkins controller is nothing that a machine has by itself.
NEEDED_LIVE = ("containers", "services")
CLUSTER_BUILD_S = 1200


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A mission in a folder of its own; the cache is shared, because what is in it is dear."""
    return Settings(home=tmp_path / "mission", seed=SEED)


@pytest.fixture(scope="session")
def live_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The real lab with a mission of its own, up for the whole session: `containers` and `services` LIVE.

    A machine without Docker skips and says so; where CI=true that is a failure instead.
    """
    lab = Lab(Settings(home=tmp_path_factory.mktemp("live-lab") / "mission", seed=SEED))
    try:
        state = lab.up()
    except ChaosError as error:
        missing(f"The real lab did not start: {error.text}")
    try:
        for facility in state.facilities:
            if facility.facility in NEEDED_LIVE and facility.tier is not Tier.LIVE:
                missing(f"The facility {facility.facility} is not LIVE: {facility.reason} {facility.remedy}")
        yield lab
    finally:
        lab.down()


@pytest.fixture(scope="session")
def live_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The real lab with a cluster and a mission of its own, up for the whole session.

    Two workers share the offline cluster, as two missions do. Its first build takes minutes; `tools/test.sh` begins
    it early, and a test that waits for it is given the time.
    """
    with _cluster_at(tmp_path_factory.mktemp("live-cluster") / "mission") as lab:
        yield lab


@pytest.fixture(scope="module")
def own_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A namespace of this module's own: a Postgres there knows the password of one workspace only."""
    with _cluster_at(tmp_path_factory.mktemp("own-cluster") / "mission") as lab:
        yield lab


@contextmanager
def _cluster_at(home: Path) -> Iterator[Lab]:
    lab = Lab(Settings(home=home, seed=SEED))
    try:
        state = lab.up(also=("cluster",)).facility("cluster")
    except ChaosError as error:
        missing(f"The real lab did not start: {error.text}")
    try:
        if state is None or state.tier is not Tier.LIVE:
            why = "nobody provides it" if state is None else f"{state.reason} {state.remedy}"
            missing(f"The facility cluster is not LIVE: {why}")
        yield lab
    finally:
        lab.down()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give whoever may wait for the cluster's build the time that it takes."""
    for item in items:
        names = {"live_cluster", "own_cluster"} & set(getattr(item, "fixturenames", ()))
        if names and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(CLUSTER_BUILD_S))


def missing(why: str) -> NoReturn:
    """Skip for want of a tool; where CI=true nothing may be wanting."""
    if os.environ.get("CI") == "true":
        pytest.fail(why)
    pytest.skip(why)
