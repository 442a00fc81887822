"""The columns are all defences; the pipeline's is the build of a change that is only proposed."""

from __future__ import annotations

from chaos_lib.defences.catalogue import DEFENCES, find
from chaos_lib.defences.scope import Target
from chaos_lib.matrix.columns import every_column

OBJECT = Target("cluster.object", "v1/Service/mission-control")


def test_every_defence_is_a_column_in_the_order_of_the_phases():
    assert [column.name for column in every_column()] == list(DEFENCES)


def test_the_pipeline_is_run_without_a_deployment_so_that_no_object_in_the_cluster_matters():
    column = next(column for column in every_column() if column.name == "pipeline-run")

    assert not column.looks_at.covers(OBJECT)
    assert find("pipeline-run").looks_at.covers(OBJECT)
