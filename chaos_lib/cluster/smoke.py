"""A smoke test: ask a Service a few questions over HTTP, before anybody else does."""

from __future__ import annotations

import json
from dataclasses import dataclass

from chaos_lib.cluster.api import ClusterApi, HttpAnswer
from chaos_lib.wait import SYSTEM_CLOCK, Clock

_PATHS = ("/healthz", "/readyz", "/version", "/missions")
# The API server and the nodes learn of new endpoints a moment after the pods are ready.
_PATIENCE_S = 10.0
_INTERVAL_S = 0.25


@dataclass(frozen=True)
class SmokeReport:
    """What a Service answered.

    Attributes:
        service: The Service's name.
        answers: Path to answer, in the order in which they were asked; ends with the first bad one.
        colour: The colour that answered; empty when it did not say.
    """

    service: str
    answers: tuple[tuple[str, HttpAnswer], ...]
    colour: str = ""

    @property
    def bad(self) -> tuple[str, HttpAnswer] | None:
        """The first answer that is not 200."""
        return next(((path, answer) for path, answer in self.answers if answer.status != 200), None)

    @property
    def is_good(self) -> bool:
        """Whether every answer was 200."""
        return self.bad is None

    @property
    def is_unreachable(self) -> bool:
        """Whether nobody answered at all."""
        return self.bad is not None and self.bad[1].status == 0

    @property
    def in_words(self) -> str:
        """One sentence for people."""
        if self.bad is None:
            return f"`{self.service}` answers every question."
        path, answer = self.bad
        if answer.status == 0:
            return f"Nobody answers behind the Service `{self.service}`."
        return f"`{self.service}` answers {path} with {answer.status}."

    @property
    def evidence(self) -> str:
        """Every question and its answer, a line each."""
        return "\n".join(
            f"GET {path}: {answer.status or 'no answer'} {answer.body[:160]}" for path, answer in self.answers
        )


def smoke(api: ClusterApi, service: str, *, clock: Clock = SYSTEM_CLOCK) -> SmokeReport:
    """Ask a Service; the first question is repeated for some seconds, until its endpoints are known everywhere.

    Args:
        api: The cluster.
        service: The Service's name.
        clock: The time source.
    """
    answers: list[tuple[str, HttpAnswer]] = []
    start = clock.monotonic()
    for path in _PATHS:
        answer = api.get(service, path)
        while not answers and answer.status != 200 and clock.monotonic() - start < _PATIENCE_S:
            clock.sleep(_INTERVAL_S)
            answer = api.get(service, path)
        answers.append((path, answer))
        if answer.status != 200:
            break
    return SmokeReport(service, tuple(answers), _colour(answers))


def _colour(answers: list[tuple[str, HttpAnswer]]) -> str:
    body = next((answer.body for path, answer in answers if path == "/version"), "")
    try:
        return str(json.loads(body).get("colour", ""))
    except (ValueError, AttributeError):
        return ""
