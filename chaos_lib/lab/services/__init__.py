"""The facility *services*: one Postgres and one Redis, in containers or from wheels."""

from __future__ import annotations

from collections.abc import Sequence

from chaos_lib.lab.engine import Engine
from chaos_lib.lab.services.base import Services, ServicesProvider
from chaos_lib.lab.services.containers import ContainerServices
from chaos_lib.lab.services.embedded import EmbeddedServices
from chaos_lib.lab.services.report import ContainerReport, StartedContainer
from chaos_lib.settings import Settings, Tier

__all__ = [
    "ContainerReport",
    "ContainerServices",
    "EmbeddedServices",
    "Services",
    "ServicesProvider",
    "StartedContainer",
    "providers",
]


def providers(settings: Settings, engine: Engine | None) -> Sequence[ServicesProvider]:
    """Return the providers in the order of preference, those above the tier that is allowed left out.

    Args:
        settings: Its `tier` caps what may be used.
        engine: The Docker engine that answers, or None.
    """
    embedded = EmbeddedServices(settings)
    if settings.tier not in (None, Tier.LIVE):
        return (embedded,)
    return (ContainerServices(settings, engine), embedded)
