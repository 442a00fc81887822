"""Steps that say something, wait, or fail."""

from __future__ import annotations

from chaos_lib.pipeline.protocol import BuildResult
from chaos_lib.pipeline.runner.failures import abort
from chaos_lib.pipeline.runner.groovy.values import Value
from chaos_lib.pipeline.runner.objects import time_span
from chaos_lib.pipeline.runner.steps.call import StepCall

UNITS = {
    "NANOSECONDS": 1e-9,
    "MICROSECONDS": 1e-6,
    "MILLISECONDS": 1e-3,
    "SECONDS": 1.0,
    "MINUTES": 60.0,
    "HOURS": 3600.0,
    "DAYS": 86400.0,
}


def echo(call: StepCall) -> Value:
    """Write a message."""
    call.thread.console.line(call.text("message", "null"))


def error(call: StepCall) -> Value:
    """Fail."""
    raise abort(call.text("message"), call.node)


def unstable(call: StepCall) -> Value:
    """Write a warning and make the stage and the build unstable."""
    call.thread.console.line(f"WARNING: {call.required('message')}")
    call.thread.build.worsen(BuildResult.UNSTABLE)
    call.thread.build.warn(call.thread.context.stage, BuildResult.UNSTABLE)


def sleep(call: StepCall) -> Value:
    """Wait."""
    seconds = call.number("time") * UNITS.get(call.text("unit", "SECONDS"), 1.0)
    call.thread.console.line(f"Sleeping for {time_span(seconds)}")
    call.thread.attention.sleep(seconds, call.thread.context.interruption)


def is_unix(call: StepCall) -> bool:
    """Say that the agent is a Unix."""
    call.thread.folder()
    return True


def milestone(call: StepCall) -> Value:
    """Pass a milestone: builds of this runner do not overtake each other."""
    call.thread.console.line("Trying to pass milestone " + call.text("ordinal", "1"))
