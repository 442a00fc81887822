"""Tests come before the deployment, and a smoke gate before the traffic switches."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from chaos_lib.pipeline.model import ParsedPipeline, Stage
from chaos_lib.pipeline.rules.finding import Finding
from chaos_lib.pipeline.rules.shell import ShellLine, shell_lines

RULE = "stage-order"


class Kind(Enum):
    """What a stage does."""

    TEST = "tests"
    DEPLOY = "deploys"
    SMOKE = "asks the new version whether it is well"
    SWITCH = "switches the traffic"


# The first that matches decides; names count only where no command says what a stage does.
_COMMANDS = (
    (Kind.SMOKE, re.compile(r"\bsmoke\b|\bcurl\b.*/(?:health|ready|live)|rollout status|wait --for")),
    (Kind.SWITCH, re.compile(r"\bpatch\s+(?:service|svc)\b|\bswitch\b|\bflip\b|set selector")),
    (
        Kind.DEPLOY,
        re.compile(
            r"\bkubectl\b.*\b(?:apply|create|replace|set image|rollout restart)\b|\bhelm\b.*\b(?:upgrade|install)\b|"
            r"\bdeploy\b(?!\.env)"
        ),
    ),
    (
        Kind.TEST,
        re.compile(
            r"\b(?:pytest|tox|nox|unittest|ctest)\b|\b(?:npm|yarn|make|mvn|gradle\w*|go|cargo)\s+(?:run\s+)?test\b"
        ),
    ),
)
_NAMES = (
    (Kind.SMOKE, re.compile(r"smoke|gate|health", re.IGNORECASE)),
    (Kind.SWITCH, re.compile(r"switch|flip|traffic|cut.?over", re.IGNORECASE)),
    (Kind.DEPLOY, re.compile(r"deploy|release|promote|rollout|publish|ship", re.IGNORECASE)),
    (Kind.TEST, re.compile(r"\btests?\b|verif|\bchecks?\b", re.IGNORECASE)),
)


@dataclass(frozen=True)
class Event:
    """Something a stage does.

    Attributes:
        kind: What.
        stage: The stage's name.
        line: Where.
        moment: What happens at the same time has the same number.
    """

    kind: Kind
    stage: str
    line: int
    moment: int


def stage_order(parsed: ParsedPipeline) -> tuple[Finding, ...]:
    """Return what happens too early."""
    if parsed.pipeline is None or parsed.script is None:
        return ()
    events = list(_Timeline(list(shell_lines(parsed.script))).of(parsed.pipeline.stages))
    return (*_too_early_deployments(events), *_too_early_switches(events))


def kinds_of(parsed: ParsedPipeline, stage: Stage) -> frozenset[Kind]:
    """Return what one stage does."""
    if parsed.script is None:
        return frozenset()
    return frozenset(event.kind for event in _Timeline(list(shell_lines(parsed.script))).of((stage,)))


class _Timeline:
    def __init__(self, lines: list[ShellLine]) -> None:
        self._lines = lines
        self._moment = 0

    def of(self, stages: tuple[Stage, ...]) -> Iterator[Event]:
        """Yield the events of stages that run one after the other."""
        for stage in stages:
            if stage.parallel:
                yield from self._together(stage.parallel)
            elif stage.stages:
                yield from self.of(stage.stages)
            elif stage.matrix is not None:
                yield from self.of(stage.matrix.stages)
            else:
                yield from self._of_stage(stage)

    def _together(self, stages: tuple[Stage, ...]) -> Iterator[Event]:
        self._moment += 1
        moment = self._moment
        for stage in stages:
            for event in self.of((stage,)):
                yield Event(event.kind, event.stage, event.line, moment)
        self._moment = max(self._moment, moment) + 1

    def _of_stage(self, stage: Stage) -> Iterator[Event]:
        found = False
        for line in self._lines:
            if stage.span.start <= line.call.span.start < stage.span.end and not _is_in_post(line, stage):
                kind = _kind_of(line.text, _COMMANDS)
                if kind is not None:
                    self._moment += 1
                    found = True
                    yield Event(kind, stage.name, line.line, self._moment)
        kind = None if found else _kind_of(stage.name, _NAMES)
        if kind is not None:
            self._moment += 1
            yield Event(kind, stage.name, stage.span.line, self._moment)


def _is_in_post(line: ShellLine, stage: Stage) -> bool:
    post = stage.post
    return post is not None and post.span.start <= line.call.span.start < post.span.end


def _kind_of(text: str, patterns: tuple[tuple[Kind, re.Pattern[str]], ...]) -> Kind | None:
    for kind, pattern in patterns:
        if pattern.search(text):
            return kind
    return None


def _too_early_deployments(events: list[Event]) -> Iterator[Finding]:
    tests = [event for event in events if event.kind is Kind.TEST]
    for event in events:
        if event.kind is not Kind.DEPLOY:
            continue
        later = next((test for test in tests if test.moment >= event.moment), None)
        if later is not None:
            yield Finding(
                RULE,
                "DEPLOY_BEFORE_TEST",
                event.line,
                f"`{event.stage}` deploys, and `{later.stage}` tests only then (line {later.line})",
                "Move the deployment behind every test stage: what was not tested must not ship.",
            )
            return
    first = next((event for event in events if event.kind is Kind.DEPLOY), None)
    if first is not None and not tests:
        yield Finding(
            RULE,
            "DEPLOY_WITHOUT_TEST",
            first.line,
            f"`{first.stage}` deploys, and no stage tests",
            "Add a stage that runs the tests before the deployment.",
        )


def _too_early_switches(events: list[Event]) -> Iterator[Finding]:
    for event in events:
        if event.kind is not Kind.SWITCH:
            continue
        before = [one for one in events if one.moment < event.moment]
        deployed = max((one.moment for one in before if one.kind is Kind.DEPLOY), default=0)
        # What was asked before the only deployment was not the new version.
        comes_later = not deployed and any(one.kind is Kind.DEPLOY for one in events)
        if comes_later or not any(one.kind is Kind.SMOKE and one.moment > deployed for one in before):
            yield Finding(
                RULE,
                "SWITCH_BEFORE_SMOKE",
                event.line,
                f"`{event.stage}` switches the traffic, and nothing asked the new version whether it is well",
                "Put a smoke stage between the deployment and the switch; it must fail while the new version is not ready.",
            )
