"""Turn what went wrong in a cell into the three parts of our errors: what, evidence, fix."""

from __future__ import annotations

import re
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chaos_lib.headless.report import Failure, FailureKind
from chaos_lib.headless.source import SourceCell

# Terminal escape sequences, then control characters: a cell's output must not steer the terminal that shows it.
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f]")
_OUTPUT_LINES = 15
_TRACEBACK_LINES = 12
_LINE_LENGTH = 300
_PARAMETERS = SourceCell(number=0, headline="", source="")


@dataclass(frozen=True)
class ErrorOutput:
    """An output of type `error`, as the kernel sent it.

    Attributes:
        name: The exception's type.
        message: Its text.
        traceback: Its traceback, one string an entry, with terminal colours.
    """

    name: str
    message: str
    traceback: tuple[str, ...] = ()

    @classmethod
    def first_in(cls, outputs: Sequence[Any]) -> ErrorOutput | None:
        """Return the first error among a cell's outputs, None when there is none."""
        for output in outputs:
            if output["output_type"] == "error":
                return cls(output["ename"], output["evalue"], tuple(output.get("traceback", ())))
        return None


def error_failure(phase: str, cell: SourceCell | None, error: ErrorOutput, outputs: Sequence[Any]) -> Failure:
    """Describe a cell that ended with an error output.

    Our own errors carry their three parts in the text; any other exception gives its traceback's end as evidence.
    """
    what, evidence, fix = _three_parts(error.message)
    if not fix:
        # A SyntaxError's text, for one, is no part of its own: keep name and message together.
        what = f"{error.name}: {error.message}".strip().rstrip(":")
        evidence = last_lines("\n".join(error.traceback), _TRACEBACK_LINES)
        fix = "Read the traceback, then open the executed notebook at its marked cell."
    return _failure(FailureKind.ERROR, phase, cell, outputs, what=what, evidence=evidence, fix=fix)


def time_limit_failure(
    phase: str, cell: SourceCell | None, limit_s: float, outputs: Sequence[Any]
) -> Failure:
    """Describe a cell that ran longer than it may."""
    return _failure(
        FailureKind.TIME_LIMIT,
        phase,
        cell,
        outputs,
        what=f"The cell did not end within its time limit of {limit_s:g} s and was stopped.",
        evidence=f"it printed last: {last_lines(_printed(outputs), 1) or 'nothing'}",
        fix="Find what it waits for; if it has to take that long, set `opchaos.timeout_s` in the cell's metadata.",
    )


def dead_kernel_failure(
    phase: str, cell: SourceCell | None, exit_code: int | None, log: str, outputs: Sequence[Any]
) -> Failure:
    """Describe a kernel that ended while a cell was running.

    Args:
        phase: The notebook's phase.
        cell: The cell that was running; None for the injected parameters.
        exit_code: The kernel process's exit code; negative is the signal that ended it, None is unknown.
        log: The last lines the kernel process wrote by itself.
        outputs: The cell's outputs so far.
    """
    cause = "for an unknown reason"
    fix = "Look for a call such as `os._exit` or `os.kill` in the cell, then at the kernel's log."
    if exit_code is not None and exit_code < 0:
        cause = f"by signal {-exit_code} ({_signal_name(-exit_code)})"
        if exit_code == -signal.SIGKILL:
            fix = "Something killed it: a `kill -9`, or the system because memory ran out (see `dmesg`)."
    elif exit_code is not None:
        cause = f"with exit code {exit_code}"
    return _failure(
        FailureKind.DEAD_KERNEL,
        phase,
        cell,
        outputs,
        what=f"The kernel ended {cause} while the cell was running.",
        evidence=log or "the kernel wrote nothing before it ended",
        fix=fix,
    )


def last_lines(text: str, count: int = _OUTPUT_LINES) -> str:
    """Return the last lines that are not empty, without terminal colours, each cut to a readable length."""
    lines = [line.rstrip() for line in _ANSI.sub("", text).splitlines() if line.strip()]
    return "\n".join(
        line if len(line) <= _LINE_LENGTH else f"{line[:_LINE_LENGTH]} …" for line in lines[-count:]
    )


def _failure(
    kind: FailureKind,
    phase: str,
    cell: SourceCell | None,
    outputs: Sequence[Any],
    *,
    what: str,
    evidence: str,
    fix: str,
) -> Failure:
    cell = cell or _PARAMETERS
    return Failure(
        kind,
        phase,
        what=_ANSI.sub("", what),
        evidence=evidence,
        fix=fix,
        cell_number=cell.number,
        headline=cell.headline,
        source=cell.source,
        output=last_lines(_printed(outputs)),
    )


def _printed(outputs: Sequence[Any]) -> str:
    parts = []
    for output in outputs:
        if output["output_type"] == "stream":
            parts.append(output["text"])
        elif "data" in output:
            parts.append("\n" + output["data"].get("text/plain", "") + "\n")
    return "".join(parts)


def _three_parts(message: str) -> tuple[str, str, str]:
    # The inverse of ChaosError.text: each part begins on a line of its own, the fix last.
    head, _, fix = message.rpartition("\nFix: ")
    if not head:
        return message, "", ""
    what, _, evidence = head.partition("\nEvidence: ")
    return what, evidence, fix


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "unknown"
