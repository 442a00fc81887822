"""The cache and the counters in Redis. Redis may be down: then the service is slower and forgets to count, no more.

Every call gives up after `TIMEOUT_S`. There is no retry, and it is written down: `Redis.from_url` makes none, but
`Redis(host=...)` of redis-py 8 makes ten. An entry lives for a limited time, which also bounds how long a list can
be stale after a write that Redis did not hear of.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from mission_control.metrics import Metrics
from mission_control.models import Counters, Mission

TIMEOUT_S = 0.5
LIST_KEY = "mission-control:missions"
LAUNCHED_KEY = "mission-control:launched"
PAGE_VIEWS_KEY = "mission-control:page-views"

log = logging.getLogger(__name__)

T = TypeVar("T")

_missions = TypeAdapter(list[Mission])


class CacheResult(str, Enum):
    """How a look into the cache ended; the value of the `X-Cache` header."""

    HIT = "hit"
    MISS = "miss"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True)
class CachedMissions:
    """What the cache knows.

    Attributes:
        result: How the look into the cache ended.
        missions: The list, newest first; empty unless it was a hit.
    """

    result: CacheResult
    missions: list[Mission]


def connect(redis_url: str) -> Redis:
    """Make a client that fails fast; it connects at its first use."""
    return Redis.from_url(
        redis_url,
        socket_connect_timeout=TIMEOUT_S,
        socket_timeout=TIMEOUT_S,
        retry=Retry(NoBackoff(), retries=0),
    )


class MissionCache:
    """The cached mission list and the counters. No method raises because Redis is down; a metric counts it."""

    def __init__(self, redis: Redis, *, ttl_s: int, metrics: Metrics) -> None:
        self._redis = redis
        self._ttl_s = ttl_s
        self._metrics = metrics

    def read(self) -> CachedMissions:
        """Look up the mission list."""
        try:
            text = self._redis.get(LIST_KEY)
        except RedisError as error:
            self._note_failure(error)
            return self._looked_up(CacheResult.UNAVAILABLE)
        if text is None:
            return self._looked_up(CacheResult.MISS)
        try:
            return self._looked_up(CacheResult.HIT, _missions.validate_json(text))
        except ValidationError:  # written by another release of the service
            return self._looked_up(CacheResult.MISS)

    def write(self, missions: list[Mission]) -> None:
        """Keep the mission list for the time to live."""
        self._try(lambda: self._redis.set(LIST_KEY, _missions.dump_json(missions), ex=self._ttl_s))

    def forget(self) -> None:
        """Drop the mission list, because it has changed."""
        self._try(lambda: self._redis.delete(LIST_KEY))

    def forget_and_count_launch(self) -> None:
        """Drop the mission list and count a launched mission, in one trip."""
        pipeline = self._redis.pipeline()
        pipeline.delete(LIST_KEY)
        pipeline.incr(LAUNCHED_KEY)
        self._try(pipeline.execute)

    def count_page_view(self) -> Counters | None:
        """Count a page view.

        Returns:
            All counters, this view included; `None` when Redis is down.
        """
        pipeline = self._redis.pipeline()
        pipeline.incr(PAGE_VIEWS_KEY)
        pipeline.get(LAUNCHED_KEY)
        answer = self._try(pipeline.execute)
        if answer is None:
            return None
        page_views, launched = answer
        return Counters(launched=int(launched or 0), page_views=page_views)

    def is_reachable(self) -> bool:
        """Whether Redis answers right now."""
        return self._try(self._redis.ping) is not None

    def _looked_up(self, result: CacheResult, missions: list[Mission] | None = None) -> CachedMissions:
        self._metrics.cache_lookups.labels(result.value).inc()
        return CachedMissions(result, missions or [])

    def _try(self, call: Callable[[], T]) -> T | None:
        """Call Redis; `None` when it is down."""
        try:
            return call()
        except RedisError as error:
            self._note_failure(error)
            return None

    def _note_failure(self, error: RedisError) -> None:
        self._metrics.cache_failures.inc()
        log.warning("Redis did not answer: %s", error)
