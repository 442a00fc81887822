"""Start the service with a Redis that hangs: it has to answer without it, and quickly."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from chaos_lib.defences.base import GREEN, DefenceContext, Verdict
from chaos_lib.defences.scope import CONTAINERS, SERVICE, Scope
from chaos_lib.errors import CommandFailed, WaitTimeout
from chaos_lib.service import Answer, Service

PATH = "/missions"
LIMIT_S = 2.0


@dataclass(frozen=True)
class Measured:
    """One answer and how long it took.

    Attributes:
        answer: What the service said; status 0 when it said nothing within five seconds.
        elapsed_s: Seconds.
    """

    answer: Answer
    elapsed_s: float

    @property
    def in_words(self) -> str:
        """For people: `GET /missions: status 200 after 4.1 s`."""
        status = f"status {self.answer.status}" if self.answer.status else "no answer"
        return f"GET {PATH}: {status} after {self.elapsed_s:.1f} s"


class DegradedMode:
    """With the real Postgres and a Redis that never answers, the mission list must come within two seconds."""

    name = "degraded-mode"
    title = "Degraded mode"
    phase = "phase-1-tests"
    uses_services = True
    looks_at = SERVICE | Scope((), (CONTAINERS,))
    reasons: Mapping[str, str] = {
        "CACHE_OUTAGE_SLOW": "When the cache hangs, everybody who asks the service waits for it.",
        "CACHE_OUTAGE_FATAL": "When the cache hangs, the service answers with an error instead of asking the database.",
        "SERVICE_DOES_NOT_START": "The service does not start, so nothing could be measured.",
    }
    _remedies: Mapping[str, str] = {
        "CACHE_OUTAGE_SLOW": "Give every call to the cache a short timeout and no retry, then go on without it.",
        "CACHE_OUTAGE_FATAL": "Catch the cache's errors and read from the database: the cache is there to help.",
        "SERVICE_DOES_NOT_START": "Read its last lines: they name the setting or the service that it misses.",
    }

    def run(self, context: DefenceContext) -> Verdict:
        """Start the service beside a mute Redis and ask for the missions once."""
        start = time.monotonic()
        try:
            measured = _measure(context)
        except (CommandFailed, WaitTimeout) as exc:
            return self._verdict(context, "SERVICE_DOES_NOT_START", start, evidence=exc.evidence or exc.what)
        evidence = f"{measured.in_words}; the limit is {LIMIT_S:.0f} s\n{measured.answer.body[:200]}"
        if measured.elapsed_s > LIMIT_S:
            return self._verdict(context, "CACHE_OUTAGE_SLOW", start, evidence=evidence, measured=measured)
        if measured.answer.status != 200:
            return self._verdict(context, "CACHE_OUTAGE_FATAL", start, evidence=evidence, measured=measured)
        return self._verdict(context, GREEN, start, measured=measured)

    def _verdict(
        self,
        context: DefenceContext,
        reason: str,
        start: float,
        *,
        evidence: str = "",
        measured: Measured | None = None,
    ) -> Verdict:
        summary = self.reasons.get(reason, "The service answers quickly although the cache hangs.")
        return Verdict(
            defence=self.name,
            reason=reason,
            summary=summary if measured is None else f"{summary} {measured.in_words}.",
            evidence=evidence,
            remedy=self._remedies.get(reason, ""),
            command=f"docker pause redis && curl -s -o /dev/null -w '%{{http_code}} %{{time_total}} s' localhost:8000{PATH}",
            tier=context.tier,
            elapsed_s=time.monotonic() - start,
            numbers={} if measured is None else {"answer_s": round(measured.elapsed_s, 3)},
        )


def _measure(context: DefenceContext) -> Measured:
    service: Service | None = None
    try:
        with mute_redis() as url:
            hanging = {**context.environment, "MISSION_REDIS_URL": url, "MISSION_DRAIN_S": "0"}
            service = Service(replace(context, environment=hanging))
            start = time.monotonic()
            answer = service.get(PATH)
            return Measured(answer, time.monotonic() - start)
    finally:
        # The mute Redis is gone by now: a request that waits for it ends, and the service stops at once.
        if service is not None:
            service.stop()


@contextlib.contextmanager
def mute_redis() -> Iterator[str]:
    """Listen on a free port of this machine and never say a word; yields the URL.

    The system itself takes the connections (they wait in the backlog), as it does for a Redis that hangs.
    """
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


DEGRADED_MODE = DegradedMode()
