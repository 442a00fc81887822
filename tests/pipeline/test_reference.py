"""What Jenkins answers to the files of the reference, to the letter."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chaos_lib.pipeline.answer import answer
from chaos_lib.pipeline.parser import parse

REFERENCE = Path(__file__).parent / "reference" / "validate"
EXPECTED = json.loads((REFERENCE / "expected.json").read_text(encoding="utf-8"))


def text_of(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("entry", EXPECTED, ids=lambda entry: entry["file"])
def test_the_answer_is_jenkins_own(entry):
    parsed = parse(text_of(entry["file"]))

    assert answer(parsed) == entry["response"]
    assert parsed.is_valid == (entry["outcome"] == "valid")


def test_every_file_of_the_reference_has_an_answer():
    assert sorted(path.name for path in REFERENCE.glob("*.Jenkinsfile")) == sorted(
        entry["file"] for entry in EXPECTED
    )
