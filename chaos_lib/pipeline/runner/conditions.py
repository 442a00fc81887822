"""The conditions of `when`, and when the blocks of `post` run."""

from __future__ import annotations

import re
from collections.abc import Callable

from chaos_lib.pipeline.groovy.expressions import Variable
from chaos_lib.pipeline.model import Condition, When
from chaos_lib.pipeline.protocol import BuildResult
from chaos_lib.pipeline.runner.context import BuildThread
from chaos_lib.pipeline.runner.failures import Thrown
from chaos_lib.pipeline.runner.files import ant_regex
from chaos_lib.pipeline.runner.groovy.expressions import evaluate
from chaos_lib.pipeline.runner.groovy.scope import Frame
from chaos_lib.pipeline.runner.groovy.statements import run_body
from chaos_lib.pipeline.runner.groovy.values import Value, equal, text, truth
from chaos_lib.pipeline.runner.state import BuildState, StageEntry
from chaos_lib.pipeline.runner.surroundings import frame_of


class WhenEvaluation:
    """One stage's `when`: asked at several moments, evaluated at the first that it wants.

    Attributes:
        passed: Whether the stage runs, as far as is known.
    """

    def __init__(self, when: When | None, thread: BuildThread) -> None:
        self._when = when
        self._thread = thread
        self.passed = when is None

    def allows(self, *, before: str = "") -> bool:
        """Say whether to go on.

        Args:
            before: `options`, `input` or `agent`; empty for the last moment, after which the answer is final.
        """
        when = self._when
        if when is None or self.passed:
            return True
        is_now = {
            "options": when.before_options,
            "input": when.before_input,
            "agent": when.before_agent,
            "": True,
        }[before]
        if not is_now:
            return True
        self.passed = all(holds(condition, self._thread) for condition in when.conditions)
        return self.passed


def holds(condition: Condition, thread: BuildThread) -> bool:
    """Evaluate a condition."""
    found = _CONDITIONS.get(condition.name)
    if found is None:
        raise Thrown(
            "java.lang.NoSuchMethodError", f"No such DSL method '{condition.name}' found among conditions"
        )
    return found(condition, _Ask(condition, thread))


class _Ask:
    """The arguments of a condition, evaluated."""

    def __init__(self, condition: Condition, thread: BuildThread) -> None:
        self._arguments = condition.arguments
        self.thread = thread
        self.frame = frame_of(thread)

    def value(self, name: str, position: int | None = None) -> Value:
        node = self._arguments.get(name, position=position)
        return None if node is None else evaluate(node, self.frame)

    def text(self, name: str, position: int | None = None) -> str:
        value = self.value(name, position)
        return "" if value is None else text(value)

    def symbol(self, name: str, position: int | None = None) -> str:
        """Return an argument that may be a bare word."""
        node = self._arguments.get(name, position=position)
        return node.name if isinstance(node, Variable) else self.text(name, position)


def _branch(condition: Condition, ask: _Ask) -> bool:
    env = ask.thread.environment()
    actual = env.get("BRANCH_NAME") or env.get("GIT_LOCAL_BRANCH") or ""
    pattern = ask.text("pattern", 0)
    if not actual or not pattern:
        return actual == pattern
    return _compare(ask.text("comparator") or "GLOB", pattern, actual)


def _tag(condition: Condition, ask: _Ask) -> bool:
    actual = ask.thread.environment_value("TAG_NAME") or ""
    pattern = ask.text("pattern", 0) if condition.name == "tag" else ""
    if not actual or not pattern:
        return bool(actual)
    return _compare(ask.text("comparator") or "GLOB", pattern, actual)


def _environment(condition: Condition, ask: _Ask) -> bool:
    wanted = ask.text("value")
    actual = ask.thread.environment_value(ask.text("name")) or ""
    if truth(ask.value("ignoreCase")):
        return wanted.lower() == actual.lower()
    return wanted == actual


_CHANGE = {
    "id": "CHANGE_ID",
    "target": "CHANGE_TARGET",
    "branch": "CHANGE_BRANCH",
    "fork": "CHANGE_FORK",
    "url": "CHANGE_URL",
    "title": "CHANGE_TITLE",
    "author": "CHANGE_AUTHOR",
    "authorDisplayName": "CHANGE_AUTHOR_DISPLAY_NAME",
    "authorEmail": "CHANGE_AUTHOR_EMAIL",
}


def _change_request(condition: Condition, ask: _Ask) -> bool:
    env = ask.thread.environment()
    if "CHANGE_ID" not in env:
        return False
    comparator = ask.text("comparator") or "EQUALS"
    return all(
        _compare(comparator, wanted, env.get(variable, ""))
        for name, variable in _CHANGE.items()
        if (wanted := ask.text(name))
    )


def _triggered_by(condition: Condition, ask: _Ask) -> bool:
    cause, request = ask.symbol("cause", 0), ask.thread.build.request
    detail = ask.text("detail")
    if request.cause == "UserIdCause" and cause == "UserIdCause":
        return not detail or detail == request.user
    actual = request.cause if request.cause.endswith("Cause") else f"{request.cause}Cause"
    return re.search(re.escape(cause), actual, re.IGNORECASE) is not None


def _no_changes(condition: Condition, ask: _Ask) -> bool:
    ask.thread.console.line("Warning, empty changelog. Probably because this is the first build.")
    return False


def _expression(condition: Condition, ask: _Ask) -> bool:
    frame = Frame(ask.frame.scope, ask.thread)
    value = run_body(condition.expression or (), frame)
    # Jenkins takes the text `false` for false here.
    return truth(value) and value != "false"


_CONDITIONS: dict[str, Callable[[Condition, _Ask], bool]] = {
    "allOf": lambda condition, ask: all(holds(each, ask.thread) for each in condition.children),
    "anyOf": lambda condition, ask: any(holds(each, ask.thread) for each in condition.children),
    "not": lambda condition, ask: not holds(condition.children[0], ask.thread),
    "branch": _branch,
    "buildingTag": _tag,
    "tag": _tag,
    "changeRequest": _change_request,
    "changelog": _no_changes,
    "changeset": _no_changes,
    "environment": _environment,
    "equals": lambda condition, ask: equal(ask.value("expected"), ask.value("actual")),
    "expression": _expression,
    "isRestartedRun": lambda condition, ask: False,
    "triggeredBy": _triggered_by,
}


def _compare(comparator: str, pattern: str, actual: str) -> bool:
    kind = comparator.upper()
    if kind == "REGEXP":
        try:
            return re.fullmatch(pattern, actual) is not None
        except re.error as exc:
            raise Thrown("java.util.regex.PatternSyntaxException", str(exc)) from None
    if kind == "EQUALS":
        return pattern == actual
    return ant_regex(pattern, is_case_sensitive=False).fullmatch(actual) is not None


def combined(build: BuildState, error: Thrown | None, stage: StageEntry | None) -> BuildResult:
    """Return the worst of the build's result so far, an error, and what a stage was warned of."""
    result = stage.warning if stage is not None else BuildResult.SUCCESS
    if error is not None:
        result = error.result
    return build.current_result.combine(result)


def post_runs(name: str, build: BuildState, error: Thrown | None, stage: StageEntry | None) -> bool:
    """Say whether a block of `post` runs.

    Args:
        name: `always`, `failure`, ...
        build: The build.
        error: What went wrong in the stage or the build that the block belongs to.
        stage: The stage, whose warnings count too; None for the pipeline's.
    """
    now = combined(build, error, stage)
    if name in _RESULTS:
        return now is _RESULTS[name]
    if name in ("always", "cleanup"):
        return True
    if name == "unsuccessful":
        return now is not BuildResult.SUCCESS
    now, before = combined(build, error, None), build.previous
    if name == "changed":
        return before is None or now is not before.result
    if before is None:
        return False
    if name == "fixed":
        return now is BuildResult.SUCCESS and before.result in (BuildResult.FAILURE, BuildResult.UNSTABLE)
    return now.is_worse_than(before.result)


_RESULTS = {
    "aborted": BuildResult.ABORTED,
    "success": BuildResult.SUCCESS,
    "unstable": BuildResult.UNSTABLE,
    "failure": BuildResult.FAILURE,
    "notBuilt": BuildResult.NOT_BUILT,
}
