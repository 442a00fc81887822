"""The facility *cluster* as the lab sees it: the best provider that works, or the reason why none does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from chaos_lib.contexts import Contexts
from chaos_lib.errors import ClusterUnavailable
from chaos_lib.lab.cluster import namespaces
from chaos_lib.lab.cluster.base import CONTEXT, KUBECONFIG, NAMESPACE, PROGRAMS, Cluster, ClusterProvider
from chaos_lib.lab.cluster.kind import KindCluster
from chaos_lib.lab.cluster.minikube import MinikubeCluster
from chaos_lib.lab.cluster.named_context import NamedContext
from chaos_lib.lab.cluster.offline_provider import OfflineProvider
from chaos_lib.lab.containers import allows_live, refusal_of
from chaos_lib.lab.containers_facility import ContainersFacility
from chaos_lib.lab.facility import FacilityReport, Progress, ProgressSink, Usability
from chaos_lib.lab.lab_state import FacilityState
from chaos_lib.settings import Settings, Tier


class ClusterFacility:
    """The facility *cluster*."""

    name = "cluster"

    def __init__(
        self,
        settings: Settings,
        containers: ContainersFacility | None = None,
        providers: Sequence[ClusterProvider] | None = None,
    ) -> None:
        """Describe the facility.

        Args:
            settings: Its `tier` may forbid real clusters; its `context` may name one.
            containers: Gives the engine that kind and minikube use.
            providers: In the order of preference; all real ones when None.
        """
        self._settings = settings
        self._containers = containers or ContainersFacility(settings)
        self._given = providers
        self._contexts = Contexts(settings.state)

    def report(self) -> FacilityReport:
        """Say which cluster would be used."""
        refusals = []
        for provider in self._allowed():
            usability = provider.usability()
            if usability.is_usable:
                return FacilityReport(
                    self.name, provider.name, provider.tier, usability.reason, usability.remedy
                )
            refusals.append(usability)
        refused = self._refusal(refusals)
        return FacilityReport(self.name, "", None, refused.reason, refused.remedy)

    def up(self, progress: ProgressSink) -> FacilityState:
        """Start the first cluster that can be had; where none can, the state says why, and the phases without it play."""
        refusals = []
        for provider in self._allowed():
            usability = provider.usability()
            if usability.is_usable:
                try:
                    return self._use(provider, progress)
                except ClusterUnavailable as refusal:
                    # An installed kind may have no image to start: the next provider may do better.
                    usability = refusal_of(refusal)
                    progress(Progress(f"No cluster by `{provider.name}`", usability.reason))
            refusals.append(usability)
        refused = self._refusal(refusals)
        return FacilityState(
            facility=self.name, provider="", tier=None, reason=refused.reason, remedy=refused.remedy
        )

    def attach(self) -> FacilityState | None:
        """Return the cluster that this mission uses, when it answers."""
        found = self.cluster()
        return None if found is None else _state(found)

    def cluster(self) -> Cluster | None:
        """Return the cluster that this mission uses, when it answers; starts nothing."""
        for provider in self._allowed():
            found = provider.attach()
            if found is not None:
                return found
        return None

    def hand_over(self, image: str, progress: ProgressSink) -> str:
        """Make an image of the engine available to the cluster's pods, and return how they must name it.

        Raises:
            ClusterUnavailable: There is no cluster, or it did not take the image.
        """
        for provider in self._allowed():
            if provider.attach() is not None:
                return provider.hand_over(image, progress)
        raise ClusterUnavailable("The lab has no cluster.", fix="`opchaos up --cluster` starts one.")

    def down(self, *, purge: bool, progress: ProgressSink) -> Sequence[str]:
        """Leave every provider's cluster: an earlier `up` may have used another one than today's settings allow."""
        notes: list[str] = []
        for provider in self._all():
            found = provider.attach()
            if found is not None:
                if provider.outlives_mission():
                    namespaces.remove_all(found, self._contexts, progress)
                self._contexts.forget_lab_context(found.context, found.kubeconfig)
            notes += provider.stop(purge=purge, progress=progress)
        return tuple(notes)

    def _use(self, provider: ClusterProvider, progress: ProgressSink) -> FacilityState:
        found = provider.start(progress)
        if provider.name != NamedContext.name:
            # A context of the user's is known by the user's leave alone, which ends.
            self._contexts.record_lab_context(found.context, found.kubeconfig)
        namespaces.provide(found, self._contexts, self._settings.run_id())
        return _state(found)

    def _all(self) -> Sequence[ClusterProvider]:
        if self._given is not None:
            return tuple(self._given)
        engine = self._containers.engine()
        to_engine = {"DOCKER_HOST": engine.url} if engine is not None else {}
        return (
            NamedContext(self._settings, to_engine),
            KindCluster(self._settings, to_engine),
            MinikubeCluster(self._settings, to_engine),
            OfflineProvider(self._settings),
        )

    def _allowed(self) -> Sequence[ClusterProvider]:
        """Those at or below the tier that is set; where the user names a context, no other cluster will do."""
        found = [p for p in self._all() if p.tier is not Tier.LIVE or allows_live(self._settings)]
        named = [p for p in found if p.name == NamedContext.name]
        return tuple(named if named and self._settings.context else found)

    def _refusal(self, refusals: Sequence[Usability]) -> Usability:
        if not refusals:
            tier = self._settings.tier.value if self._settings.tier else ""
            return Usability(
                False,
                f"A cluster is not available on this tier: OPCHAOS_TIER is {tier}, and a cluster needs LIVE.",
                "Unset OPCHAOS_TIER and run `opchaos up --cluster`.",
            )
        # The last provider says most: what this machine itself lacks.
        chosen = refusals[0] if self._settings.context else refusals[-1]
        return Usability(False, chosen.reason, chosen.remedy)


def cluster_of(state: FacilityState | None) -> Cluster | None:
    """Return the cluster that a noted state stands for, without asking it; None when there is none."""
    if state is None or state.tier is None or KUBECONFIG not in state.environment:
        return None
    found = state.environment
    programs = Path(found[PROGRAMS]) if PROGRAMS in found else None
    return Cluster(
        Path(found[KUBECONFIG]),
        found[CONTEXT],
        found[NAMESPACE],
        state.tier,
        state.provider,
        state.reason,
        programs,
    )


def _state(found: Cluster) -> FacilityState:
    return FacilityState(
        facility=ClusterFacility.name,
        provider=found.provider,
        tier=found.tier,
        reason=found.how,
        environment=found.environment(),
    )
