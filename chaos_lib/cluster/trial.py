"""Roll a variant of what is deployed out for a trial, and bring everything back afterwards, whatever came of it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from chaos_lib.cluster import deploy
from chaos_lib.cluster.api import ClusterApi
from chaos_lib.cluster.manifests import Manifests
from chaos_lib.cluster.objects import name_of
from chaos_lib.cluster.rollout import exists, wait_for
from chaos_lib.wait import SYSTEM_CLOCK, Clock

_ANNOTATION = "io.opchaos/trial"


def restarted(manifests: Manifests, mark: str) -> Manifests:
    """Return manifests whose Deployments roll out although nothing else has changed: `kubectl rollout restart`."""
    changed = []
    for body in manifests:
        copied: dict[str, Any] = copy.deepcopy(dict(body))
        if copied["kind"] == "Deployment":
            template = copied["spec"]["template"].setdefault("metadata", {})
            template.setdefault("annotations", {})[_ANNOTATION] = mark
        changed.append(copied)
    return Manifests(tuple(changed))


@contextmanager
def trial(
    api: ClusterApi, manifests: Manifests, *, timeout_s: float = 90.0, clock: Clock = SYSTEM_CLOCK
) -> Iterator[None]:
    """Apply manifests for the length of a block; afterwards every object is what it was, and its rollout is complete.

    Raises:
        ClusterRefused: The server refuses an object.
    """
    applied = deploy.Applied()
    try:
        deploy.apply(api, manifests, applied)
        yield
    finally:
        deploy.take_back(api, applied)
        for body in manifests.of_kind("Deployment"):
            if exists(api, name_of(body)):
                wait_for(api, name_of(body), timeout_s=timeout_s, clock=clock)
