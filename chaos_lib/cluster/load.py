"""A steady load on a service while something happens to it: how many requests were lost?"""

from __future__ import annotations

import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType

from chaos_lib.cluster.api import ClusterApi, HttpAnswer
from chaos_lib.cluster.objects import Key
from chaos_lib.errors import InvalidInput

_WORKERS = 10
_TIMEOUT_S = 10.0


@dataclass(frozen=True)
class LoadReport:
    """What became of the requests.

    Attributes:
        sent: How many were sent.
        failures: What went wrong, a line each: when, status, text.
        elapsed_s: Seconds from the first to the last.
    """

    sent: int
    failures: tuple[str, ...]
    elapsed_s: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.sent / self.elapsed_s if self.elapsed_s else 0.0

    @property
    def in_words(self) -> str:
        """One sentence for people."""
        lost = f"{len(self.failures)} of them failed" if self.failures else "not one was lost"
        return f"{self.sent} requests in {self.elapsed_s:.0f} s ({self.rate:.0f} a second), {lost}."


class Load:
    """Sends requests at a steady rate until its block ends: `with Load(ask) as load: …`, then `load.report`.

    Each request goes out at its time, whatever became of the others: a slow service does not slow the load down, as long as
    no more than ten are on their way.

    Args:
        ask: Sends one request; called from several threads.
        rate: Requests a second.
    """

    def __init__(self, ask: Callable[[], HttpAnswer], *, rate: float = 50.0) -> None:
        self._ask = ask
        self._rate = rate
        self._ends = threading.Event()
        self._lock = threading.Lock()
        self._sent = 0
        self._failures: list[str] = []
        self._threads = [threading.Thread(target=self._work, args=(number,)) for number in range(_WORKERS)]
        self._start = 0.0
        self._elapsed_s = 0.0

    @property
    def report(self) -> LoadReport:
        """What became of the requests so far."""
        with self._lock:
            elapsed_s = self._elapsed_s or time.monotonic() - self._start
            return LoadReport(self._sent, tuple(self._failures), elapsed_s)

    def __enter__(self) -> Load:
        self._start = time.monotonic()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ends.set()
        for thread in self._threads:
            thread.join()
        self._elapsed_s = time.monotonic() - self._start

    def _work(self, number: int) -> None:
        turn = number
        while not self._ends.wait(max(0.0, self._start + turn / self._rate - time.monotonic())):
            answer = self._ask()
            with self._lock:
                self._sent += 1
                if answer.status != 200:
                    at_s = time.monotonic() - self._start
                    self._failures.append(
                        f"after {at_s:.1f} s: {answer.status or 'no answer'} {answer.body[:120]}"
                    )
            turn += _WORKERS


def address_of(api: ClusterApi, service: str) -> str:
    """Return a Service's address within the cluster; from outside only some clusters can be reached there.

    Raises:
        InvalidInput: There is no such Service.
    """
    found = api.read(Key("v1", "Service", service))
    if found is None:
        raise InvalidInput(
            f"There is no Service `{service}` in `{api.namespace}`.",
            fix="Apply the manifests first: `kubectl apply -k k8s/switch`.",
        )
    return f"http://{found['spec']['clusterIP']}:{found['spec']['ports'][0]['port']}"


def asking(url: str) -> Callable[[], HttpAnswer]:
    """Return a function that asks a URL over a new connection each time, as so many users do."""

    def ask() -> HttpAnswer:
        request = urllib.request.Request(url, headers={"Connection": "close"})  # noqa: S310 - our own URL
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310 - our own URL
                return HttpAnswer(answer.status, answer.read().decode(errors="replace"))
        except urllib.error.HTTPError as exc:
            with exc:
                return HttpAnswer(exc.code, exc.read().decode(errors="replace"))
        except OSError as exc:
            return HttpAnswer(0, f"{type(exc).__name__}: {exc}")

    return ask
