"""What runs in the cluster, between two attacks: the clean project in blue on a database that fits, and nothing else."""

from __future__ import annotations

from chaos_lib.cluster import blue_green
from chaos_lib.cluster.objects import Key
from chaos_lib.cluster.target import lab_target
from chaos_lib.defences.catalogue import find
from chaos_lib.errors import LabError
from chaos_lib.proofs import ProofGround

_OTHER = "green"
_BACKING = ("postgres", "redis")


def put_back(ground: ProofGround) -> None:
    """Roll the workspace's version out in blue, let blue serve, and take green away.

    Gates deploy: what one of them did for the attack before, the next defence must not find. Where the clean project does
    not come up, the databases of the namespace are made anew. Nothing happens where there is no cluster.

    Raises:
        LabError: The clean project cannot be rolled out.
    """
    if not ground.offers("cluster"):
        return
    api = lab_target(ground.lab).connect()
    if blue_green.serving(api) == _OTHER:
        blue_green.flip(api, "blue")
    api.delete(Key("apps/v1", "Deployment", f"{blue_green.PUBLIC}-{_OTHER}"))
    verdict = find("rollout-gate").run(ground.context)
    if not verdict.is_green:
        # A version that an attack made may have migrated the database: nothing leads back from there but a new one.
        for name in (*_BACKING, f"{blue_green.PUBLIC}-blue"):
            api.delete(Key("apps/v1", "Deployment", name))
        verdict = find("rollout-gate").run(ground.context)
    if not verdict.is_green:
        raise LabError(
            "The cluster cannot be brought back to the clean project, so nothing can be measured in it.",
            evidence=f"{verdict.reason}: {verdict.summary}\n{verdict.evidence}",
            fix="Run the matrix again: it goes on where it was, in a lab that is new. If it says the same, repair the project.",
        )
