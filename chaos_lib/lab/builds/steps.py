"""Reads what BuildKit says while it builds (`--progress=plain`): which steps ran, which came from the cache, how long."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

_LINE = re.compile(r"^#(?P<number>\d+) (?P<text>.*)$")
_STEP = re.compile(r"^\[(?:(?P<stage>\S+) )?(?P<position>\d+)/(?P<total>\d+)\] (?P<instruction>.+)$")
_DONE = re.compile(r"^DONE (?P<seconds>[\d.]+)s$")
_OUTPUT = re.compile(r"^[\d.]+ (?P<text>.*)$")


@dataclass
class BuildStep:
    """One step of a build.

    Attributes:
        number: BuildKit's own number.
        name: BuildKit's own words: `[build 2/4] RUN pip install …`.
        is_cached: Whether its result was there already.
        elapsed_s: Seconds it took; 0 when cached.
        error: Why it failed; empty when it did not.
        output: What it printed.
    """

    number: int
    name: str
    is_cached: bool = False
    elapsed_s: float = 0.0
    error: str = ""
    output: list[str] = field(default_factory=list)

    @property
    def stage(self) -> str:
        """The stage it belongs to; `stage-1` and the like where the stage has no name, empty for the only stage."""
        match = _STEP.match(self.name)
        return (match["stage"] or "") if match else ""

    @property
    def instruction(self) -> str:
        """The line of the Dockerfile, on one line; empty for BuildKit's own work."""
        match = _STEP.match(self.name)
        return " ".join(match["instruction"].split()) if match else ""

    @property
    def position(self) -> tuple[int, int]:
        """Which of how many steps of its stage; (0, 0) for BuildKit's own work."""
        match = _STEP.match(self.name)
        return (int(match["position"]), int(match["total"])) if match else (0, 0)


class StepReader:
    """Takes the lines one by one and keeps the steps, in the order in which they began."""

    def __init__(self) -> None:
        self._steps: dict[int, BuildStep] = {}

    @property
    def steps(self) -> tuple[BuildStep, ...]:
        """All steps so far."""
        return tuple(self._steps.values())

    def read(self, line: str) -> BuildStep | None:
        """Take one line; return the step it is about, or None when it is about none."""
        match = _LINE.match(line.rstrip())
        if match is None:
            return None
        number, text = int(match["number"]), match["text"]
        step = self._steps.get(number)
        if step is None:
            step = self._steps[number] = BuildStep(number, text)
            return step
        done = _DONE.match(text)
        if done:
            step.elapsed_s = float(done["seconds"])
        elif text == "CACHED":
            step.is_cached = True
        elif text.startswith("ERROR"):
            step.error = text.removeprefix("ERROR").lstrip(": ")
        else:
            said = _OUTPUT.match(text)
            if said:
                step.output.append(said["text"])
        return step


def read_steps(lines: Iterable[str]) -> tuple[BuildStep, ...]:
    """Return the steps of a whole output."""
    reader = StepReader()
    for line in lines:
        reader.read(line)
    return reader.steps
