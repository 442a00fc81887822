"""Start-up of Postgres and Redis through our lab, against bare Testcontainers with the same images and the same waits."""

from __future__ import annotations

import os
import statistics
import tempfile
from collections.abc import Mapping
from pathlib import Path

from benchmarks.report import Figure, at_most, informs, publish, timed_s
from chaos_lib.lab.facilities import registered
from chaos_lib.lab.lab import Lab
from chaos_lib.settings import Settings, Tier

_ROUNDS = 5


def configure_bare(variables: Mapping[str, str]) -> None:
    """Give bare Testcontainers the lab's engine and images; it reads its own variables only once, at import."""
    from testcontainers.core.config import testcontainers_config

    os.environ.update(variables)
    testcontainers_config.hub_image_name_prefix = variables.get("TESTCONTAINERS_HUB_IMAGE_NAME_PREFIX", "")
    testcontainers_config.ryuk_disabled = True
    testcontainers_config.tc_host_override = variables.get("TESTCONTAINERS_HOST_OVERRIDE")


def start_bare() -> None:
    """Start both containers as any test would, and remove them."""
    from testcontainers.community.postgres import PostgresContainer
    from testcontainers.community.redis import RedisContainer

    postgres, redis = PostgresContainer("postgres:15", driver=None), RedisContainer("redis:7")
    try:
        postgres.start()
        redis.start()
    finally:
        redis.stop()
        postgres.stop()


def measure() -> list[Figure]:
    """Alternate the two, so that both see the same machine."""
    with tempfile.TemporaryDirectory(prefix="opchaos-bench-") as folder:
        settings = Settings(home=Path(folder) / "mission", tier=Tier.LIVE)
        lab = Lab(settings)
        lab.up()
        try:
            configure_bare(lab.environment())
            services = next(f for f in registered(settings) if f.name == "services")

            def start_ours() -> None:
                services.up(lambda _: None)
                services.down(purge=False, progress=lambda _: None)

            services.down(purge=False, progress=lambda _: None)
            start_bare()  # imports and caches are warm for both
            pairs = [(timed_s(start_ours), timed_s(start_bare)) for _ in range(_ROUNDS)]
        finally:
            lab.down()
    ours_s, bare_s = (statistics.median(side) for side in zip(*pairs, strict=True))
    return [
        at_most("our lab against bare Testcontainers, start to stop", ours_s / bare_s, 1.2, "ratio"),
        informs("our lab", ours_s, "s"),
        informs("bare Testcontainers", bare_s, "s"),
    ]


if __name__ == "__main__":
    publish("Start-up of the services", measure())
