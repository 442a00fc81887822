"""Begin to build the offline cluster in the background, where a later phase will need it."""

from __future__ import annotations

from chaos_lib.cli.screen import say
from chaos_lib.cli.session import Session
from chaos_lib.lab.cluster.build.job import BuildJob
from chaos_lib.lab.cluster.offline_provider import OfflineProvider
from chaos_lib.lab.cluster_facility import ClusterFacility
from chaos_lib.phases import PHASES


def begin_early(session: Session) -> bool:
    """Begin the build when a phase needs a cluster and this machine would build one; returns whether it was begun."""
    if not any(ClusterFacility.name in phase.facilities for phase in PHASES):
        return False
    job = BuildJob(session.settings.cache)
    if job.is_done or ClusterFacility(session.settings).report().provider != OfflineProvider.name:
        return False
    begun = job.begin(in_background=True)
    if begun:
        say(
            session.err,
            "The cluster for phase 4 is being built in the background (about five minutes); `opchaos status` tells how far.",
        )
    return begun
