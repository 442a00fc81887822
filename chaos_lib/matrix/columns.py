"""The matrix's columns: every defence."""

from __future__ import annotations

from collections.abc import Sequence

from chaos_lib.defences import catalogue
from chaos_lib.defences.base import Defence
from chaos_lib.defences.pipeline_runs import PIPELINE_RUN, PipelineRun

# What is only proposed is built and tested, not deployed: what becomes of it in the cluster is the next columns' business.
_PROPOSED = PipelineRun(deploys=False)


def every_column() -> Sequence[Defence]:
    """Return all of them, in the order of their phases."""
    return [_PROPOSED if defence is PIPELINE_RUN else defence for defence in catalogue.DEFENCES.values()]
