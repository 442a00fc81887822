"""The lab: the real tools behind the workshop, started and stopped as one thing."""

from chaos_lib.lab.facility import FacilityReport, Progress, Usability
from chaos_lib.lab.lab import DownReport, FacilityStatus, Lab, LabStatus
from chaos_lib.lab.lab_state import FacilityState, LabState

__all__ = [
    "DownReport",
    "FacilityReport",
    "FacilityState",
    "FacilityStatus",
    "Lab",
    "LabState",
    "LabStatus",
    "Progress",
    "Usability",
]
