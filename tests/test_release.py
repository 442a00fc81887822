from __future__ import annotations

import importlib.util

import nbformat
import pytest

from chaos_lib.answers import STUB
from chaos_lib.errors import ToolMissing
from chaos_lib.phases import PHASES
from chaos_lib.release import provide_notebooks, without_solutions


def test_participants_get_a_copy_of_every_phase_without_solutions(settings):
    added = provide_notebooks(settings)

    assert [path.stem for path in added] == [phase.name for phase in PHASES]
    for path in added:
        text = path.read_text(encoding="utf-8")
        assert "BEGIN SOLUTION" not in text
        assert STUB in text
        nbformat.validate(nbformat.reads(text, as_version=4))


def test_what_a_participant_wrote_stays(settings):
    mine = provide_notebooks(settings)[0]
    mine.write_text("mine", encoding="utf-8")

    assert provide_notebooks(settings) == []
    assert mine.read_text(encoding="utf-8") == "mine"


def test_without_nbgrader_it_says_what_to_install(settings, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    with pytest.raises(ToolMissing) as caught:
        without_solutions(settings.notebooks / "phase-0-setup" / "phase-0-setup.ipynb")
    assert "nbgrader" in caught.value.what
    assert caught.value.evidence
    assert "make setup" in caught.value.fix
