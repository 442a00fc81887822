"""Opens and closes stages: the lines in the log and the entries of the stage view."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from chaos_lib.pipeline.protocol import BuildResult, StageStatus
from chaos_lib.pipeline.runner.context import BuildThread
from chaos_lib.pipeline.runner.failures import Thrown
from chaos_lib.pipeline.runner.state import StageEntry

POST_ACTIONS = "Declarative: Post Actions"

_STATUS = {
    BuildResult.SUCCESS: StageStatus.SUCCESS,
    BuildResult.UNSTABLE: StageStatus.UNSTABLE,
    BuildResult.FAILURE: StageStatus.FAILED,
    BuildResult.NOT_BUILT: StageStatus.NOT_EXECUTED,
    BuildResult.ABORTED: StageStatus.ABORTED,
}


@contextmanager
def opened(thread: BuildThread, name: str, *, is_announced: bool = False) -> Iterator[StageEntry]:
    """Run a block as a stage.

    Args:
        thread: Where it runs.
        name: Of the stage.
        is_announced: Whether the line `[Pipeline] stage` was written already.
    """
    if not is_announced:
        thread.enter("stage")
    entry = thread.build.open_stage(thread.next_order(), name, thread.context.stage)
    failure: BuildResult | None = None
    try:
        with thread.within(stage=entry):
            thread.enter(f"{{ ({name})")
            try:
                yield entry
            finally:
                thread.enter("}")
                thread.enter("// stage")
    except Thrown as thrown:
        failure = thrown.result
        raise
    finally:
        thread.build.change_stage(entry, _final(entry, failure))


def _final(entry: StageEntry, failure: BuildResult | None) -> StageStatus:
    if entry.skipped:
        return StageStatus.NOT_EXECUTED
    return _STATUS[entry.warning.combine(failure or BuildResult.SUCCESS)]
