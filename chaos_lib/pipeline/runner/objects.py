"""Jenkins's objects in a pipeline: `env`, `params`, `currentBuild`, `scm`."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from chaos_lib.pipeline.protocol import BuildResult
from chaos_lib.pipeline.runner.builds import PreviousBuild
from chaos_lib.pipeline.runner.failures import Thrown, not_supported
from chaos_lib.pipeline.runner.groovy.values import Value, text

if TYPE_CHECKING:
    from chaos_lib.pipeline.runner.context import BuildThread

GLOBALS = ("currentBuild", "env", "params", "scm")


def find(name: str, thread: BuildThread) -> Value:
    """Return an object by its name; None for a name that is none of them.

    Raises:
        Thrown: It is one that only a controller has.
    """
    if name == "env":
        return Env(thread)
    if name == "params":
        return Params(thread)
    if name == "currentBuild":
        return CurrentBuild(thread)
    if name in ("this", "steps", "script"):
        return Script(thread) if name != "script" else None
    if name == "scm":
        return Scm(thread)
    if name in ("docker", "Jenkins", "jenkins", "hudson", "manager"):
        raise not_supported(f"`{name}`")
    return None


class Env:
    """`env`: variables to read, and to set for the rest of the build."""

    def __init__(self, thread: BuildThread) -> None:
        self._thread = thread

    def get(self, name: str) -> Value:
        """Return a variable, None when it is not set."""
        return self._thread.environment_value(name)

    def put(self, name: str, value: Value) -> None:
        """Set a variable for the rest of the build; what `environment` and `withEnv` say goes before it."""
        with self._thread.build.lock:
            if value is None:
                self._thread.build.environment.pop(name, None)
            else:
                self._thread.build.environment[name] = text(value)

    def method(self, name: str) -> Callable[..., Value] | None:
        """Return a method."""
        found: dict[str, Callable[..., Value]] = {
            "getProperty": self.get,
            "get": self.get,
            "setProperty": self.put,
            "getEnvironment": self._thread.environment,
            "containsKey": lambda key: self.get(key) is not None,
            "toString": lambda: "env",
        }
        return found.get(name)


class Params:
    """`params`: the parameters' values."""

    def __init__(self, thread: BuildThread) -> None:
        self._thread = thread

    def get(self, name: str) -> Value:
        """Return a parameter, None when there is none of that name."""
        return self._thread.build.parameters.get(name)

    def put(self, name: str, value: Value) -> None:
        """Refuse: parameters cannot be changed."""
        raise Thrown("java.lang.UnsupportedOperationException", None)

    def method(self, name: str) -> Callable[..., Value] | None:
        """Return a method."""
        known = self._thread.build.parameters
        found: dict[str, Callable[..., Value]] = {
            "get": lambda key, default=None: known.get(key, default),
            "getOrDefault": known.get,
            "containsKey": lambda key: key in known,
            "each": lambda function: [function.call(self._thread, k, v) for k, v in known.items()] and None,
            "keySet": lambda: list(known),
            "toString": lambda: text(dict(known)),
        }
        return found.get(name)


class CurrentBuild:
    """`currentBuild`."""

    def __init__(self, thread: BuildThread) -> None:
        self._thread = thread

    def get(self, name: str) -> Value:
        """Return a property."""
        build = self._thread.build
        values: dict[str, Callable[[], Value]] = {
            "result": lambda: None if build.result is None else build.result.value,
            "currentResult": lambda: build.current_result.value,
            "number": lambda: build.number,
            "id": lambda: str(build.number),
            "displayName": lambda: build.properties.get("displayName", f"#{build.number}"),
            "description": lambda: build.properties.get("description"),
            "projectName": lambda: build.request.job,
            "fullProjectName": lambda: build.request.job,
            "fullDisplayName": lambda: f"{build.request.job} #{build.number}",
            "duration": lambda: int((time.time() - build.started) * 1000),
            "durationString": lambda: f"{time_span(time.time() - build.started)} and counting",
            "startTimeInMillis": lambda: int(build.started * 1000),
            "previousBuild": lambda: _earlier(build.previous),
            "previousCompletedBuild": lambda: _earlier(build.previous),
            "changeSets": list,
            "keepLog": lambda: False,
        }
        if name not in values:
            raise Thrown(
                "groovy.lang.MissingPropertyException",
                f"No such property: {name} for class: "
                "org.jenkinsci.plugins.workflow.support.steps.build.RunWrapper",
            )
        return values[name]()

    def put(self, name: str, value: Value) -> None:
        """Set `result`, `displayName` or `description`."""
        if name == "result":
            try:
                self._thread.build.worsen(BuildResult(text(value)))
            except ValueError:
                raise Thrown("java.lang.IllegalArgumentException", f"{text(value)} is no result") from None
        elif name in ("displayName", "description"):
            self._thread.build.properties[name] = text(value)
        else:
            raise not_supported(f"Setting `currentBuild.{name}`")

    def method(self, name: str) -> Callable[..., Value] | None:
        """Return a method."""
        build = self._thread.build
        found: dict[str, Callable[..., Value]] = {
            "getResult": lambda: self.get("result"),
            "getCurrentResult": lambda: self.get("currentResult"),
            "getPreviousBuild": lambda: self.get("previousBuild"),
            "getNumber": lambda: build.number,
            "getDisplayName": lambda: self.get("displayName"),
            "resultIsBetterOrEqualTo": lambda other: (
                not build.current_result.is_worse_than(BuildResult(other))
            ),
            "resultIsWorseOrEqualTo": lambda other: (
                not BuildResult(other).is_worse_than(build.current_result)
            ),
            "getBuildCauses": lambda *_: [{"shortDescription": f"Started by user {build.request.user}"}],
        }
        return found.get(name)


def _earlier(previous: PreviousBuild | None) -> Value:
    if previous is None:
        return None
    return {
        "number": previous.number,
        "result": previous.result.value,
        "currentResult": previous.result.value,
        "displayName": f"#{previous.number}",
        "duration": int(previous.seconds * 1000),
    }


class Scm:
    """`scm`: the workspace itself, which is checked out already."""

    def __init__(self, thread: BuildThread) -> None:
        self._thread = thread

    def get(self, name: str) -> Value:
        """Refuse: there is no SCM server to ask."""
        raise not_supported(f"`scm.{name}`")

    def put(self, name: str, value: Value) -> None:
        """Refuse."""
        raise not_supported(f"Setting `scm.{name}`")

    def method(self, name: str) -> Callable[..., Value] | None:
        """Return nothing."""
        return None


class Script:
    """`this` and `steps`: the script, whose methods are the steps."""

    def __init__(self, thread: BuildThread) -> None:
        self._thread = thread

    def get(self, name: str) -> Value:
        """Return a variable of the script."""
        return self._thread.build.variables.get(name, find(name, self._thread))

    def put(self, name: str, value: Value) -> None:
        """Set a variable of the script."""
        self._thread.assign(name, value)

    def method(self, name: str) -> Callable[..., Value] | None:
        """Return a step as a method."""

        def call(*given: Value) -> Value:
            named = next((value for value in given if isinstance(value, dict)), {})
            positional = [value for value in given if value is not named]
            return self._thread.invoke(name, positional, named, None)  # type: ignore[arg-type]

        return call


def time_span(seconds: float) -> str:
    """Return a length of time as Jenkins writes it: `5 min`, `1 min 30 sec`, `1.2 sec`, `2 hr`."""
    ms = round(seconds * 1000)
    for size, name, below, next_size in _UNITS:
        if ms >= size:
            rest = (ms % size) // next_size
            return f"{ms // size} {name} {rest} {below}" if rest else f"{ms // size} {name}"
    if ms >= 1000:
        return f"{ms // 1000} sec" if ms >= 10_000 or ms % 1000 < 100 else f"{ms // 100 / 10:g} sec"
    return f"{ms} ms"


_UNITS = (
    (31_536_000_000, "yr", "mo", 2_592_000_000),
    (2_592_000_000, "mo", "days", 86_400_000),
    (86_400_000, "days", "hr", 3_600_000),
    (3_600_000, "hr", "min", 60_000),
    (60_000, "min", "sec", 1000),
)
