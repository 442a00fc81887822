"""What can go wrong inside a build. None of it leaves the runner: a build that fails has a record that says so."""

from __future__ import annotations

from chaos_lib.pipeline.groovy.nodes import Node
from chaos_lib.pipeline.protocol import BuildResult

_RUNTIME = ("java.lang.RuntimeException", "java.lang.Exception", "java.lang.Throwable")
_CHECKED = ("java.lang.Exception", "java.lang.Throwable")
_ERROR = ("java.lang.Error", "java.lang.Throwable")

# Java's classes that builds meet, and what each of them is as well: `catch (Exception e)` catches by these.
_PARENTS = {
    "hudson.AbortException": ("java.io.IOException", *_CHECKED),
    "java.io.IOException": _CHECKED,
    "java.io.FileNotFoundException": ("java.io.IOException", *_CHECKED),
    "java.nio.file.NoSuchFileException": ("java.io.IOException", *_CHECKED),
    "java.lang.InterruptedException": _CHECKED,
    "org.jenkinsci.plugins.workflow.steps.FlowInterruptedException": (
        "java.lang.InterruptedException",
        *_CHECKED,
    ),
    "org.jenkinsci.plugins.credentialsbinding.impl.CredentialNotFoundException": (
        "hudson.AbortException",
        "java.io.IOException",
        *_CHECKED,
    ),
    "java.lang.NoSuchMethodError": _ERROR,
    "java.lang.AssertionError": _ERROR,
    "org.codehaus.groovy.runtime.powerassert.PowerAssertionError": ("java.lang.AssertionError", *_ERROR),
    "java.lang.StackOverflowError": _ERROR,
    "java.lang.Exception": ("java.lang.Throwable",),
    "java.lang.Error": ("java.lang.Throwable",),
    "java.lang.Throwable": (),
}

INTERRUPTED = "org.jenkinsci.plugins.workflow.steps.FlowInterruptedException"
ABORT = "hudson.AbortException"


class Thrown(Exception):
    """A Java exception, as the pipeline sees it.

    Attributes:
        kind: The full name of its Java class.
        message: What it says; None where Java would have null.
        result: What the build becomes because of it.
        causes: For an interruption: who or what interrupted, one line each.
        node: Where in the Jenkinsfile, if that is known.
    """

    def __init__(
        self,
        kind: str,
        message: str | None,
        *,
        result: BuildResult = BuildResult.FAILURE,
        causes: tuple[str, ...] = (),
        node: Node | None = None,
    ) -> None:
        self.kind = kind
        self.message = message
        self.result = result
        self.causes = causes
        self.node = node
        super().__init__(message)

    @property
    def is_interruption(self) -> bool:
        """Whether it stops the build, or a part of it, from outside."""
        return self.kind == INTERRUPTED

    def is_a(self, type_name: str) -> bool:
        """Whether `catch (type_name e)` catches it."""
        kinds = (self.kind, *_PARENTS.get(self.kind, _RUNTIME))
        return any(kind == type_name or kind.rpartition(".")[2] == type_name for kind in kinds)

    def __str__(self) -> str:
        return self.kind if self.message is None else f"{self.kind}: {self.message}"


def abort(message: str, node: Node | None = None) -> Thrown:
    """Return what a step throws that fails in an orderly way: Jenkins prints its message alone."""
    return Thrown(ABORT, message, node=node)


def interruption(*causes: str, result: BuildResult = BuildResult.ABORTED) -> Thrown:
    """Return what a step throws that was stopped."""
    return Thrown(INTERRUPTED, None, result=result, causes=causes)


def missing_property(name: str, node: Node | None = None) -> Thrown:
    """Return what Groovy throws for a name that nobody defined."""
    return Thrown(
        "groovy.lang.MissingPropertyException",
        f"No such property: {name} for class: groovy.lang.Binding",
        node=node,
    )


def not_supported(what: str, node: Node | None = None) -> Thrown:
    """Return what the runner throws for what only a real controller can do."""
    where = f" (line {node.span.line})" if node is not None else ""
    return abort(f"{what}{where} is not supported here. Run this pipeline on a Jenkins controller.", node)
