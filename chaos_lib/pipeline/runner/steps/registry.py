"""All steps, and what happens when a pipeline calls one."""

from __future__ import annotations

from dataclasses import dataclass, field

from chaos_lib.pipeline.groovy.nodes import Node
from chaos_lib.pipeline.runner.context import BuildThread
from chaos_lib.pipeline.runner.failures import Thrown, not_supported
from chaos_lib.pipeline.runner.groovy.values import Function, Value, text
from chaos_lib.pipeline.runner.objects import GLOBALS
from chaos_lib.pipeline.runner.steps import (
    basic,
    credentials,
    files,
    flow,
    inputs,
    parallel,
    results,
    shell,
    structure,
)
from chaos_lib.pipeline.runner.steps.call import StepCall, StepFunction


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes:
        run: Does it.
        main: The argument that may be given without its name; empty when there is none.
        names: The other arguments; None accepts any.
    """

    run: StepFunction
    main: str = ""
    names: frozenset[str] | None = field(default=None)


def _step(run: StepFunction, main: str = "", *names: str) -> Step:
    return Step(run, main, frozenset((main, *names)) if names or main else frozenset())


STEPS: dict[str, Step] = {
    "archiveArtifacts": Step(results.archive_artifacts, "artifacts"),
    "bat": Step(shell.not_on_unix, "script"),
    "catchError": _step(flow.catch_error, "message", "buildResult", "stageResult", "catchInterruptions"),
    "checkout": Step(structure.checkout, "scm"),
    "cleanWs": Step(files.delete_dir),
    "deleteDir": _step(files.delete_dir),
    "dir": _step(files.dir_, "path"),
    "echo": _step(basic.echo, "message"),
    "error": _step(basic.error, "message"),
    "fileExists": _step(files.file_exists, "file"),
    "fingerprint": Step(results.fingerprint, "targets"),
    "input": Step(inputs.input_, "message"),
    "isUnix": _step(basic.is_unix),
    "junit": Step(results.junit, "testResults"),
    "milestone": Step(basic.milestone, "ordinal"),
    "node": _step(structure.node, "label"),
    "parallel": Step(parallel.step),
    "powershell": Step(shell.not_on_unix, "script"),
    "pwd": _step(files.pwd, "tmp"),
    "readFile": _step(files.read_file, "file", "encoding"),
    "retry": _step(flow.retry, "count", "conditions"),
    "script": _step(structure.script),
    "sh": _step(shell.sh, "script", "returnStdout", "returnStatus", "label", "encoding"),
    "sleep": _step(basic.sleep, "time", "unit"),
    "stage": Step(structure.stage, "name"),
    "stash": _step(files.stash, "name", "includes", "excludes", "useDefaultExcludes", "allowEmpty"),
    "timeout": _step(flow.timeout, "time", "unit", "activity"),
    "timestamps": _step(flow.timestamps),
    "unstable": _step(basic.unstable, "message"),
    "unstash": _step(files.unstash, "name"),
    "waitUntil": _step(flow.wait_until, "initialRecurrencePeriod", "quiet"),
    "warnError": _step(flow.warn_error, "message", "catchInterruptions"),
    "withCredentials": _step(credentials.with_credentials, "bindings"),
    "withEnv": _step(flow.with_env, "overrides"),
    "writeFile": _step(files.write_file, "file", "text", "encoding"),
    "ws": _step(files.dir_, "dir"),
}

# Steps of a controller, its other jobs or its agents: known, but not here.
CONTROLLER_ONLY = frozenset(
    {
        "build", "docker", "emailext", "git", "library", "libraryResource", "load", "lock", "mail", "podTemplate",
        "properties", "publishHTML", "readTrusted", "resolveScm", "slackSend", "svn", "tm", "tool", "withContext",
        "withDockerContainer", "withMaven", "withSonarQubeEnv",
    }
)  # fmt: skip

_SYMBOLS = (*credentials.BINDINGS, "booleanParam", "choice", "logRotator", "password", "text")


def invoke(
    thread: BuildThread, name: str, positional: list[Value], named: dict[str, Value], node: Node
) -> Value:
    """Call a step.

    Raises:
        Thrown: There is no such step, its arguments cannot be right, or it fails.
    """
    thread.checkpoint()
    if name in _SYMBOLS:
        # `string(credentialsId: 'x', variable: 'Y')`: not a step, but an argument of one.
        return {**named, "$class": name}
    step = STEPS.get(name)
    if step is None:
        if name in CONTROLLER_ONLY:
            thread.enter(name)
            raise not_supported(f"The step `{name}`", node)
        raise Thrown(
            "java.lang.NoSuchMethodError",
            f"No such DSL method '{name}' found among steps [{', '.join(sorted(STEPS))}] or symbols "
            f"[{', '.join(sorted(_SYMBOLS))}] or globals [{', '.join(GLOBALS)}]",
            node=node,
        )
    call = _call(thread, name, step, positional, named, node)
    label = call.text("label") if name == "sh" else ""
    thread.enter(f"{name} ({label})" if label else name)
    try:
        return step.run(call)
    except OSError as exc:
        raise Thrown("java.io.IOException", str(exc), node=node) from exc


def _call(
    thread: BuildThread, name: str, step: Step, positional: list[Value], named: dict[str, Value], node: Node
) -> StepCall:
    values = list(positional)
    block: Function | None = None
    if values and hasattr(values[-1], "arity"):
        block = values.pop()
    arguments = dict(named)
    if len(values) == 1 and isinstance(values[0], dict) and not step.main:
        arguments |= values.pop()
    if values and step.main:
        arguments[step.main] = values.pop(0)
    unknown = [] if step.names is None else sorted(set(arguments) - step.names)
    if values or unknown:
        what = f"unknown parameter(s) {unknown}" if unknown else f"too many arguments: {text(values)}"
        raise Thrown("java.lang.IllegalArgumentException", f"WARNING: {name}: {what}", node=node)
    return StepCall(thread, name, arguments, block, node)
