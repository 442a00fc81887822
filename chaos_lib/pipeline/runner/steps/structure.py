"""Steps that give a pipeline its form: `stage`, `node`, `script`, `checkout`."""

from __future__ import annotations

from chaos_lib.pipeline.runner import agents
from chaos_lib.pipeline.runner.failures import not_supported
from chaos_lib.pipeline.runner.groovy.values import Value
from chaos_lib.pipeline.runner.objects import Scm
from chaos_lib.pipeline.runner.stages import opened
from chaos_lib.pipeline.runner.steps.call import StepCall


def script(call: StepCall) -> Value:
    """Run Groovy."""
    return call.run_block()


def stage(call: StepCall) -> Value:
    """Run the block as a stage."""
    with opened(call.thread, call.text("name"), is_announced=True):
        return call.body()


def node(call: StepCall) -> Value:
    """Run the block on an agent."""
    with agents.on_node(call.thread, call.text("label"), is_announced=True):
        return call.body()


def checkout(call: StepCall) -> Value:
    """Check out: for `checkout scm` the workspace is the checkout already."""
    call.thread.folder()
    if not isinstance(call.get("scm"), Scm):
        raise not_supported("`checkout` of another repository than the pipeline's own", call.node)
    return {
        name: value
        for name, value in call.thread.environment().items()
        if name in ("GIT_BRANCH", "GIT_COMMIT", "GIT_URL", "GIT_LOCAL_BRANCH")
    }
