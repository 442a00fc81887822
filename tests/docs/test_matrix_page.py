"""The matrix on the site was really run, with the attacks and defences that there are, and it holds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chaos_lib.attacks import catalogue
from chaos_lib.defences.catalogue import DEFENCES

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture(scope="module")
def report() -> dict:
    return json.loads((DOCS / "assets" / "matrix.json").read_text(encoding="utf-8"))


def test_it_holds_on_the_live_lab(report):
    assert report["problems"] == []
    assert report["holds"] is True
    assert report["tier"] == "LIVE"
    assert report["outcomes"]["false alarm"] == 0
    assert report["outcomes"]["not played"] == 0
    assert report["sources"]["audited"] > 0


def test_it_has_every_attack_and_every_defence(report):
    attacks = catalogue.load()

    assert [attack["name"] for attack in report["attacks"]] == list(attacks)
    assert [defence["name"] for defence in report["defences"]] == list(DEFENCES)
    assert len(report["cells"]) == (len(attacks) + 1) * len(DEFENCES)


@pytest.mark.parametrize("attack", catalogue.load().values(), ids=catalogue.load())
def test_every_attack_is_caught_by_its_own_defence(report, attack):
    cell = next(
        cell for cell in report["cells"] if (cell["attack"], cell["defence"]) == (attack.name, attack.defence)
    )

    assert cell["source"] == "measured"
    assert cell["outcome"] == ("quiet" if attack.is_decoy else "caught")
    assert cell["reason"] == attack.symptom.reason


def test_every_defence_is_quiet_on_the_clean_project(report):
    clean = [cell for cell in report["cells"] if cell["attack"] is None]

    assert {cell["outcome"] for cell in clean} == {"quiet"}
    assert {cell["source"] for cell in clean} == {"measured"}


def test_the_page_tells_its_statement_and_shows_its_picture(report):
    text = (DOCS / "matrix.md").read_text(encoding="utf-8")

    assert report["statement"] in text
    assert "](assets/matrix.png)" in text
    assert (DOCS / "assets" / "matrix.png").read_bytes().startswith(b"\x89PNG")
