"""The report as people and programs read it."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest
from rich.console import Console

from chaos_lib.doctor import diagnose, render
from chaos_lib.doctor.fake import EMBEDDED_LAB, FakeProbes
from chaos_lib.doctor.probes import System
from chaos_lib.doctor.report import Family
from chaos_lib.settings import Settings


def shown(probes: FakeProbes, *, encoding: str = "utf-8") -> str:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    render(diagnose(Settings(), probes=probes), Console(file=stream, width=60, color_system=None))
    stream.flush()
    return raw.getvalue().decode(encoding)


def test_every_line_says_its_state_in_a_word_and_a_symbol() -> None:
    text = shown(replace(FakeProbes(), git=None, listeners={8888: "nginx"}))
    assert "✔ OK      python" in text
    assert "✘ MISSING git" in text
    assert "▲ WARN    ports" in text


def test_a_terminal_without_unicode_gets_plain_symbols() -> None:
    text = shown(replace(FakeProbes(), git=None, listeners={8888: "nginx"}), encoding="ascii")
    assert "+ OK      python" in text
    assert "x MISSING git" in text
    assert "! WARN    ports" in text


@pytest.mark.parametrize(
    ("family", "first"),
    [(Family.DEBIAN, "apt-get install git"), (Family.MACOS, "xcode-select"), (Family.WINDOWS, "winget")],
)
def test_the_remedy_for_this_system_comes_first(family: Family, first: str) -> None:
    text = shown(replace(FakeProbes(), git=None, on=System(family.value, family)))
    remedies = [line for line in text.splitlines() if " on " in line and ":" in line]
    assert first in remedies[0]
    assert len(remedies) == 3


def test_a_command_is_never_broken_over_two_lines() -> None:
    text = shown(replace(FakeProbes(), on=System("Debian 12", Family.DEBIAN), docker=(), lab=EMBEDDED_LAB))
    assert any("enable --now docker && sudo usermod -aG docker $USER" in line for line in text.splitlines())


def test_the_report_ends_with_the_tier() -> None:
    assert shown(FakeProbes()).splitlines()[-1].endswith("with the real tools.")


def test_a_facility_shows_its_tier_and_how_to_get_a_better_one() -> None:
    text = shown(replace(FakeProbes(), lab=EMBEDDED_LAB))
    assert "services    EMBEDDED   embedded: servers from wheels" in text
    assert "for a better tier: install Docker" in text


def test_the_json_report_has_the_remedies_of_all_systems() -> None:
    report = diagnose(Settings(), probes=replace(FakeProbes(), git=None))
    document = json.loads(report.to_json())
    assert (document["is_playable"], document["tier"]) == (False, None)
    git = next(each for each in document["findings"] if each["name"] == "git")
    assert git["status"] == "MISSING"
    assert set(git["remedy"]) == {"debian", "macos", "windows"}
    assert [each["facility"] for each in document["facilities"]] == ["containers", "services", "cluster"]


def test_the_json_report_of_a_healthy_machine_names_its_tier() -> None:
    document = json.loads(diagnose(Settings(), probes=FakeProbes()).to_json())
    assert (document["is_playable"], document["tier"]) == (True, "LIVE")
