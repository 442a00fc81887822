"""The facility *pipeline* as the lab sees it: a Jenkins controller that is given, else the kit's own runner."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chaos_lib.credentials import CredentialStore
from chaos_lib.errors import LabError
from chaos_lib.lab.facility import FacilityReport, ProgressSink, Usability
from chaos_lib.lab.lab_state import FacilityState
from chaos_lib.settings import Settings, Tier

if TYPE_CHECKING:
    # Engines say how usable they are in the lab's words: at run time the lab comes first.
    from chaos_lib.pipeline.protocol import PipelineEngine

# Asked while people wait for `opchaos doctor`: a controller that is slower than this is reported as such.
_PING_S = 3.0
_REMEDY = (
    "Set OPCHAOS_JENKINS_URL, OPCHAOS_JENKINS_USER and OPCHAOS_JENKINS_TOKEN to use a Jenkins controller; jenkins/ has "
    "one for Docker."
)
_ORDER = (Tier.LIVE, Tier.EMBEDDED, Tier.SIMULATED)


class PipelineFacility:
    """The facility *pipeline*."""

    name = "pipeline"

    def __init__(self, settings: Settings, engines: Sequence[PipelineEngine] | None = None) -> None:
        """Describe the facility; nothing is asked or started.

        Args:
            settings: Name the controller; their `tier` caps what may be used.
            engines: In the order of preference; the controller that is named and the runner when None.
        """
        self._settings = settings
        self._engines = engines

    def engine(self) -> PipelineEngine:
        """Return the best engine that works.

        Raises:
            LabError: None does.
        """
        engine, usability = self._choose()
        if engine is None:
            raise LabError("No pipeline engine works here.", evidence=usability.reason, fix=usability.remedy)
        return engine

    def report(self) -> FacilityReport:
        """Say which engine would be used."""
        engine, usability = self._choose()
        if engine is None:
            return FacilityReport(self.name, "", None, usability.reason, usability.remedy)
        remedy = "" if engine.tier is Tier.LIVE else usability.remedy or _REMEDY
        return FacilityReport(self.name, engine.name, engine.tier, usability.reason, remedy)

    def up(self, progress: ProgressSink) -> FacilityState:
        """Find the engine: neither a given controller nor the runner has to be started."""
        del progress
        found = self.report()
        return FacilityState(
            facility=self.name,
            provider=found.provider,
            tier=found.tier,
            reason=found.reason,
            remedy=found.remedy,
        )

    def attach(self) -> FacilityState | None:
        """Return the engine that answers now."""
        found = self.report()
        return None if found.tier is None else self.up(lambda _: None)

    def down(self, *, purge: bool, progress: ProgressSink) -> Sequence[str]:
        """Do nothing: builds end with the program that started them, and a controller is not ours."""
        del purge, progress
        return ()

    def _choose(self) -> tuple[PipelineEngine | None, Usability]:
        """Return the first engine that works; of one that was wished for and does not, the reason is told."""
        refusals: list[Usability] = []
        for engine in self._all():
            cap = self._settings.tier
            if cap is not None and _ORDER.index(engine.tier) < _ORDER.index(cap):
                continue
            usability = engine.usability()
            if not usability.is_usable:
                refusals.append(usability)
                continue
            if refusals:
                reason = f"{usability.reason} Not Jenkins: {refusals[0].reason}"
                return engine, Usability(True, reason, refusals[0].remedy)
            return engine, usability
        if refusals:
            return None, refusals[0]
        tier = self._settings.tier.value if self._settings.tier else ""
        return None, Usability(
            False,
            f"No pipeline engine is allowed on this tier: OPCHAOS_TIER is {tier}.",
            "Unset OPCHAOS_TIER and run `opchaos up` again.",
        )

    def _all(self) -> Sequence[PipelineEngine]:
        if self._engines is not None:
            return self._engines
        # Imported here: the lab is described at every start, and the client for Jenkins is slow to import.
        from chaos_lib.pipeline.runner.engine import Runner

        runner = Runner(
            self._settings.state / "builds", CredentialStore(self._settings.state / "credentials")
        )
        if not self._settings.jenkins_url:
            return (runner,)
        return (named_controller(self._settings), runner)


def named_controller(settings: Settings) -> PipelineEngine:
    """Return the controller that the settings name."""
    from pydantic import SecretStr

    from chaos_lib.pipeline.controller import Controller
    from chaos_lib.pipeline.jenkins import Jenkins

    token = settings.jenkins_token or SecretStr("")
    return Jenkins(Controller(settings.jenkins_url, settings.jenkins_user, token, ping_s=_PING_S))


def engine_for(settings: Settings) -> PipelineEngine:
    """Return the best pipeline engine of a mission.

    Raises:
        LabError: None works.
    """
    return PipelineFacility(settings).engine()
