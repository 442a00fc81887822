"""The facility *services* as the lab sees it: Postgres and Redis by the best provider that works."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chaos_lib.lab.containers_facility import ContainersFacility
from chaos_lib.lab.engine import Engine
from chaos_lib.lab.facility import FacilityReport, ProgressSink
from chaos_lib.lab.lab_state import FacilityState
from chaos_lib.lab.services import Services, ServicesProvider
from chaos_lib.lab.services import providers as services_providers
from chaos_lib.settings import Settings, Tier

_TIERS = (Tier.LIVE, Tier.EMBEDDED, Tier.SIMULATED)


class ServicesFacility:
    """The facility *services*."""

    name = "services"

    def __init__(
        self,
        settings: Settings,
        containers: ContainersFacility,
        providers: Callable[[Settings, Engine | None], Sequence[ServicesProvider]] = services_providers,
    ) -> None:
        """Describe the facility.

        Args:
            settings: Its `tier` caps what may be used.
            containers: Gives the engine to run the services on.
            providers: Returns the providers for an engine, in the order of preference.
        """
        self._settings = settings
        self._containers = containers
        self._find_providers = providers

    def report(self) -> FacilityReport:
        """Say which servers would be used."""
        containers = self._containers.report()
        providers = self._find_providers(self._settings, self._containers.engine())
        refusals = []
        for provider in providers:
            usability = provider.usability()
            if usability.is_usable:
                return FacilityReport(
                    self.name, provider.name, provider.tier, usability.reason, self._remedy(provider.tier)
                )
            if provider.tier is Tier.LIVE and containers.tier is Tier.LIVE:
                # The engine, or its images, are not there yet, but `up` will bring them.
                reason = "Containers, as soon as the engine is up."
                return FacilityReport(self.name, provider.name, provider.tier, reason, "")
            refusals.append(f"{provider.name}: {usability.reason}")
        reason = " ".join(refusals) or "No provider of services is allowed on this tier."
        return FacilityReport(self.name, "", None, reason, "Install the extra `lab`, or get a Docker engine.")

    def up(self, progress: ProgressSink) -> FacilityState:
        """Start the servers of the first provider that is usable."""
        reasons = []
        for provider in self._find_providers(self._settings, self._containers.engine()):
            usability = provider.usability()
            if usability.is_usable:
                return self._state(provider.start(progress))
            reasons.append(f"{provider.name}: {usability.reason}")
        reason = " ".join(reasons) or "No provider of services is allowed on this tier."
        remedy = "Install the extra `lab`, or get a Docker engine."
        return FacilityState(facility=self.name, provider="", tier=None, reason=reason, remedy=remedy)

    def attach(self) -> FacilityState | None:
        """Return the servers that answer."""
        for provider in self._find_providers(self._settings, self._containers.engine()):
            services = provider.attach()
            if services is not None:
                return self._state(services)
        return None

    def down(self, *, purge: bool, progress: ProgressSink) -> Sequence[str]:
        """Stop every provider's servers."""
        del purge, progress
        for provider in self._find_providers(self._settings, self._containers.engine()):
            provider.stop()
        return ()

    def _state(self, services: Services) -> FacilityState:
        return FacilityState(
            facility=self.name,
            provider=services.provider,
            tier=services.tier,
            reason=f"Postgres and Redis by `{services.provider}`.",
            remedy=self._remedy(services.tier),
            environment={
                "MISSION_DATABASE_URL": services.postgres_url,
                "MISSION_REDIS_URL": services.redis_url,
            },
        )

    def _remedy(self, tier: Tier) -> str:
        return "" if tier is Tier.LIVE else self._containers.report().remedy
