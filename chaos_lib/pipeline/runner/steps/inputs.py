"""`input`: asks a person, or goes on with the defaults where nobody is there."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from chaos_lib.pipeline.protocol import InputAnswer, InputQuestion, StageStatus
from chaos_lib.pipeline.runner.context import BuildThread
from chaos_lib.pipeline.runner.failures import interruption
from chaos_lib.pipeline.runner.groovy.values import Value, text
from chaos_lib.pipeline.runner.steps.call import StepCall

_POLL_S = 0.05


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
        answer = _answered(thread, question)
    finally:
        if stage is not None:
            thread.build.change_stage(stage, StageStatus.IN_PROGRESS)
    if not answer.proceeds:
        raise interruption(f"Rejected by {answer.submitter}")
    thread.console.line(f"Approved by {answer.submitter}")
    return answer


def _answered(thread: BuildThread, question: InputQuestion) -> InputAnswer:
    """Wait for the answer; an abort or a timeout ends the waiting."""
    answers: list[InputAnswer] = []
    errors: list[BaseException] = []

    def ask_them() -> None:
        try:
            answers.append(thread.build.request.ask(question))
        except BaseException as exc:
            errors.append(exc)

    worker = threading.Thread(target=ask_them, name="input", daemon=True)
    worker.start()
    while worker.is_alive():
        worker.join(_POLL_S)
        thread.checkpoint()
    if errors:
        raise errors[0]
    return answers[0]
