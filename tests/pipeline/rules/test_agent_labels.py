"""Labels and agents."""

from __future__ import annotations

import pytest

from chaos_lib.pipeline.parser import parse
from chaos_lib.pipeline.rules.agent_labels import agent_labels

from .files import GOOD, broken, reasons, valid


def test_a_pipeline_that_takes_any_agent_asks_for_no_label():
    assert agent_labels(valid(GOOD), []) == ()
    assert agent_labels(parse("pipeline {"), []) == ()


@pytest.mark.parametrize(
    "agent",
    [
        "agent { label 'linux' }",
        "agent { node { label 'linux' } }",
        "agent { docker { image 'x:1'; label 'linux' } }",
        "agent { label 'linux && !slow' }",
        'agent { label "${params.WHERE}" }',
    ],
)
def test_a_label_that_an_agent_has_is_fine(agent):
    assert agent_labels(broken("agent any", agent), ["linux", "slow"]) == ()


def test_an_unknown_label_is_found():
    (finding,) = agent_labels(broken("agent any", "agent { label 'linux && gpu' }"), ["linux"])

    assert (finding.reason, finding.line) == ("LABEL_UNKNOWN", 2)
    assert finding.evidence == "no agent has the label `gpu`; there are: linux"


def test_the_agent_of_a_stage_is_looked_at_as_well():
    parsed = broken("stage('Test') {", "stage('Test') {\n            agent { label 'gpu' }")

    assert reasons(agent_labels(parsed, [])) == [("LABEL_UNKNOWN", 9)]
