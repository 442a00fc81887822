"""What Jenkins's own interpreter printed for these files, line by line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import SecretStr

from chaos_lib.credentials import Credential
from tests.pipeline.runner.conftest import Bench

REFERENCE = Path(__file__).parent / "reference"
NAMES = sorted(path.stem for path in REFERENCE.glob("*.Jenkinsfile"))


def test_the_reference_is_there() -> None:
    assert len(NAMES) >= 3


@pytest.mark.parametrize("name", NAMES)
def test_a_run_reads_as_in_jenkins(bench: Bench, name: str) -> None:
    bench.runner.put_credential("api-token", Credential(kind="string", secret=SecretStr("hunter2-token")))

    record = bench.run((REFERENCE / f"{name}.Jenkinsfile").read_text(encoding="utf-8"))

    expected = (REFERENCE / f"{name}.console.txt").read_text(encoding="utf-8")
    assert record.log.replace(str(bench.workspace), "<workspace>") == expected


@pytest.mark.parametrize("name", NAMES)
def test_result_and_stage_marks_are_those_of_jenkins(bench: Bench, name: str) -> None:
    record = bench.run((REFERENCE / f"{name}.Jenkinsfile").read_text(encoding="utf-8"))

    expected = json.loads((REFERENCE / f"{name}.json").read_text(encoding="utf-8"))
    assert record.folder is not None
    written = json.loads((record.folder / "stages.json").read_text(encoding="utf-8"))
    assert written["result"] == record.result.value == expected["result"]
    assert written["stageTags"] == expected["stageTags"]
