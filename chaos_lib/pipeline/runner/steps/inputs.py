"""`input`: asks a person, or goes on with the defaults where nobody is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chaos_lib.pipeline.protocol import InputAnswer, InputQuestion, StageStatus
from chaos_lib.pipeline.runner.context import BuildThread
from chaos_lib.pipeline.runner.failures import interruption
from chaos_lib.pipeline.runner.groovy.values import Value, text
from chaos_lib.pipeline.runner.steps.call import StepCall


def input_(call: StepCall) -> Value:
    """Ask; returns the parameter's value, or a map of them."""
    parameters = {
        text(each.get("name", "")): each.get("defaultValue", "")
        for each in call.get("parameters") or []
        if isinstance(each, dict)
    }
    answer = ask(call.thread, call.text("message", "Proceed?"), call.text("ok", "Proceed"), parameters)
    submitter = call.text("submitterParameter")
    values: dict[str, Value] = {**parameters, **answer.values}
    if submitter:
        values[submitter] = answer.submitter
    if len(values) == 1:
        return next(iter(values.values()))
    return values or None


def ask(thread: BuildThread, message: str, ok: str, parameters: Mapping[str, Value]) -> InputAnswer:
    """Ask whoever answers for this build.

    Raises:
        Thrown: The answer is no; the build is aborted.
    """
    question = InputQuestion(message, ok, {name: text(value) for name, value in parameters.items()})
    thread.console.line(message)
    thread.console.line(f"{ok} or Abort")
    stage = thread.context.stage
    if stage is not None:
        thread.build.change_stage(stage, StageStatus.PAUSED)
    try:
        answer = thread.build.request.ask(question)
    finally:
        if stage is not None:
            thread.build.change_stage(stage, StageStatus.IN_PROGRESS)
    thread.checkpoint()
    if not answer.proceeds:
        raise interruption(f"Rejected by {answer.submitter}")
    thread.console.line(f"Approved by {answer.submitter}")
    return answer


def environment_of(answer: InputAnswer, parameters: Sequence[str], submitter: str) -> dict[str, str]:
    """Return the variables that a stage's `input` sets."""
    values = {name: answer.values[name] for name in parameters if name in answer.values}
    return {**values, submitter: answer.submitter} if submitter else values
