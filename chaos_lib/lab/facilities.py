"""The facilities of the lab, in the order in which they start; later ones join `registered`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from chaos_lib.lab.cluster_facility import ClusterFacility
from chaos_lib.lab.containers_facility import ContainersFacility
from chaos_lib.lab.facility import FacilityReport, ProgressSink
from chaos_lib.lab.lab_state import FacilityState
from chaos_lib.lab.pipeline_facility import PipelineFacility
from chaos_lib.lab.services_facility import ServicesFacility
from chaos_lib.settings import Settings

# Started only for who needs them: `opchaos up --cluster`, or a phase that plays on them.
ON_DEMAND = (ClusterFacility.name,)


class Facility(Protocol):
    """One part of the lab, whoever provides it."""

    @property
    def name(self) -> str:
        """`containers`, `services`, ..."""
        ...

    def report(self) -> FacilityReport:
        """Say what would be used; changes nothing."""
        ...

    def up(self, progress: ProgressSink) -> FacilityState:
        """Start it, or find it running; never fails for a tool that is missing: the state says so."""
        ...

    def attach(self) -> FacilityState | None:
        """Return what runs now, if it truly answers."""
        ...

    def down(self, *, purge: bool, progress: ProgressSink) -> Sequence[str]:
        """Stop it and remove what it made; returns what was kept and why."""
        ...


def registered(settings: Settings) -> Sequence[Facility]:
    """Return all facilities, in the order in which they start."""
    containers = ContainersFacility(settings)
    return (
        containers,
        ServicesFacility(settings, containers),
        ClusterFacility(settings, containers),
        PipelineFacility(settings),
    )
