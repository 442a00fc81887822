"""Steps around other steps: time limits, repetition, forgiveness, variables."""

from __future__ import annotations

import time

from chaos_lib.pipeline.protocol import BuildResult
from chaos_lib.pipeline.runner.failures import INTERRUPTED, Thrown, interruption
from chaos_lib.pipeline.runner.groovy.values import Value, text
from chaos_lib.pipeline.runner.interrupts import Interruption
from chaos_lib.pipeline.runner.objects import time_span
from chaos_lib.pipeline.runner.steps.basic import UNITS
from chaos_lib.pipeline.runner.steps.call import StepCall

TIMED_OUT = "Timeout has been exceeded"
_FIRST_WAIT_S = 0.25
_LONGEST_WAIT_S = 15.0


def timeout(call: StepCall) -> Value:
    """Stop the block when it takes too long."""
    seconds = call.number("time") * UNITS.get(call.text("unit", "MINUTES"), 60.0)
    thread = call.thread
    thread.console.line(f"Timeout set to expire in {time_span(seconds)}")

    def expire() -> Thrown:
        thread.console.line("Cancelling nested steps due to timeout")
        return interruption(TIMED_OUT)

    part = Interruption(thread.context.interruption, time.monotonic() + seconds, expire)
    with thread.within(interruption=part):
        return call.run_block()


def retry(call: StepCall) -> Value:
    """Try the block again when it fails."""
    thread, left = call.thread, int(call.number("count"))
    while True:
        left -= 1
        try:
            thread.enter("{")
            try:
                value = call.body()
            finally:
                thread.enter("}")
        except Thrown as thrown:
            if left <= 0 or thrown.is_interruption:
                thread.enter(f"// {call.name}")
                raise
            complain(call, thrown)
            thread.console.line("Retrying")
            continue
        thread.enter(f"// {call.name}")
        return value


def complain(call: StepCall, thrown: Thrown) -> None:
    """Write what was thrown as Jenkins does where the build goes on."""
    console = call.thread.console
    if thrown.is_interruption:
        for cause in thrown.causes:
            console.line(cause)
    elif thrown.is_a("hudson.AbortException"):
        console.line(f"ERROR: {thrown.message}")
    else:
        console.line(f"ERROR: Execution failed\n{thrown}" if call.name == "retry" else str(thrown))


def catch_error(call: StepCall) -> Value:
    """Go on after a failure of the block; the build and the stage get the results that are asked for."""
    return _catch(call, build="FAILURE", stage="SUCCESS")


def warn_error(call: StepCall) -> Value:
    """Go on after a failure of the block; the build and the stage become unstable."""
    return _catch(call, build="UNSTABLE", stage="UNSTABLE")


def _catch(call: StepCall, *, build: str, stage: str) -> Value:
    build_result = _result(call, "buildResult", build)
    stage_result = _result(call, "stageResult", stage)
    thread = call.thread
    thread.enter("{")
    try:
        try:
            return call.body()
        finally:
            thread.enter("}")
    except Thrown as thrown:
        if thrown.kind == INTERRUPTED and not call.flag("catchInterruptions", default=True):
            raise
        if call.get("message") is not None:
            thread.console.line(f"ERROR: {call.text('message')}")
        complain(call, thrown)
        if thrown.is_interruption:
            build_result = build_result.combine(thrown.result)
        if build_result is not BuildResult.SUCCESS:
            thread.build.worsen(build_result)
        if stage_result is not BuildResult.SUCCESS:
            thread.build.warn(thread.context.stage, stage_result)
        return None
    finally:
        thread.enter(f"// {call.name}")


def _result(call: StepCall, name: str, default: str) -> BuildResult:
    given = call.arguments.get(name, default) if name in call.arguments else default
    if given is None:
        return BuildResult.SUCCESS
    try:
        return BuildResult(text(given))
    except ValueError:
        raise Thrown(
            "java.lang.IllegalArgumentException",
            f"{name} is invalid: {text(given)}. Valid options are SUCCESS, UNSTABLE, FAILURE, NOT_BUILT and "
            "ABORTED.",
            node=call.node,
        ) from None


def wait_until(call: StepCall) -> Value:
    """Run the block again and again until it returns true."""
    thread, pause = call.thread, call.number("initialRecurrencePeriod", 250) / 1000 or _FIRST_WAIT_S
    while True:
        thread.enter("{")
        try:
            value = call.body()
        finally:
            thread.enter("}")
        if not isinstance(value, bool):
            raise Thrown("java.lang.ClassCastException", f"body return value {text(value)} is not boolean")
        if value:
            thread.enter(f"// {call.name}")
            return None
        if not call.flag("quiet"):
            thread.console.line(f"Will try again after {time_span(pause)}")
        thread.attention.sleep(pause, thread.context.interruption)
        pause = min(pause * 1.2, _LONGEST_WAIT_S)


def timestamps(call: StepCall) -> Value:
    """Begin every line of the block with its time."""
    console = call.thread.console
    thread, before = call.thread, console.is_timed
    thread.enter("{")
    console.is_timed = True
    try:
        return call.body()
    finally:
        console.is_timed = before
        thread.enter("}")
        thread.enter(f"// {call.name}")


def with_env(call: StepCall) -> Value:
    """Set variables for the block; `PATH+NAME=folder` puts a folder in front of the path."""
    given = call.get("overrides") or []
    pairs = dict(text(item).partition("=")[::2] for item in given)
    with call.thread.within(overrides={**call.thread.context.overrides, **pairs}):
        return call.run_block()
