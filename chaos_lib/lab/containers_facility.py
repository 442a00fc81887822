"""The facility *containers* as the lab sees it: the best provider that works, or the reason why none does."""

from __future__ import annotations

from collections.abc import Sequence

from chaos_lib.errors import EngineUnavailable
from chaos_lib.lab.containers import Containers, ContainersProvider, allows_live, first_usable, refusal_of
from chaos_lib.lab.docker_containers import DockerContainers
from chaos_lib.lab.engine import Engine
from chaos_lib.lab.facility import FacilityReport, ProgressSink, Usability
from chaos_lib.lab.lab_state import FacilityState
from chaos_lib.settings import Settings, Tier


class ContainersFacility:
    """The facility *containers*."""

    name = "containers"

    def __init__(self, settings: Settings, providers: Sequence[ContainersProvider] | None = None) -> None:
        """Describe the facility.

        Args:
            settings: Its `tier` may forbid Docker.
            providers: In the order of preference; Docker alone when None.
        """
        self._settings = settings
        self._all = tuple(providers) if providers is not None else (DockerContainers(settings),)

    @property
    def _allowed(self) -> Sequence[ContainersProvider]:
        """Those at or below the tier that is set."""
        return tuple(p for p in self._all if p.tier is not Tier.LIVE or allows_live(self._settings))

    def engine(self) -> Engine | None:
        """Return the engine that answers now, or None."""
        for provider in self._allowed:
            found = provider.attach()
            if found is not None:
                return found.engine
        return None

    def report(self) -> FacilityReport:
        """Say which engine would be used."""
        provider, usability = self._choose()
        if provider is None:
            return FacilityReport(self.name, "", None, usability.reason, usability.remedy)
        return FacilityReport(self.name, provider.name, provider.tier, usability.reason, usability.remedy)

    def up(self, progress: ProgressSink) -> FacilityState:
        """Start the engine; one that cannot be started is reported, because the lower tiers work without."""
        provider, usability = self._choose()
        if provider is not None:
            try:
                return self._state(provider.start(progress))
            except EngineUnavailable as refusal:
                usability = refusal_of(refusal)
        return FacilityState(
            facility=self.name, provider="", tier=None, reason=usability.reason, remedy=usability.remedy
        )

    def attach(self) -> FacilityState | None:
        """Return the engine when it answers with its images."""
        for provider in self._allowed:
            found = provider.attach()
            if found is not None:
                return self._state(found)
        return None

    def down(self, *, purge: bool, progress: ProgressSink) -> Sequence[str]:
        """Stop every provider: an earlier `up` may have used another one than today's settings allow."""
        return tuple(note for p in self._all for note in p.stop(purge=purge, progress=progress))

    def _choose(self) -> tuple[ContainersProvider | None, Usability]:
        if not self._allowed and self._settings.tier is not None:
            tier = self._settings.tier.value
            return None, Usability(
                False,
                f"Containers are not available on this tier: OPCHAOS_TIER is {tier}, and containers need LIVE.",
                "Unset OPCHAOS_TIER and run `opchaos up` again.",
            )
        return first_usable(self._allowed)

    def _state(self, found: Containers) -> FacilityState:
        return FacilityState(
            facility=self.name,
            provider=found.provider,
            tier=found.tier,
            reason=found.how,
            environment=found.environment(),
        )
