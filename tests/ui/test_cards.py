from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from chaos_lib.doctor.report import Family, Finding, Remedy, Report, Status
from chaos_lib.errors import ChaosError, CheckFailed
from chaos_lib.experiment import Healed
from chaos_lib.hints import Hint
from chaos_lib.lab.facility import FacilityReport
from chaos_lib.settings import Tier
from chaos_lib.ui import cards
from chaos_lib.ui.card import Card, Tone

from .fake_mission import HOSTILE, an_attack, an_error, green, red, runs

_VOID = {"img", "br", "path", "circle"}


class Visible(HTMLParser):
    """Collects what a reader sees, and the tags; refuses tags that do not match."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(page)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self._open:
            self.text += f" {data}"


def words(text: str) -> set[str]:
    return set(re.findall(r"[A-Za-z0-9_]{2,}", text))


def a_report(status: Status = Status.MISSING) -> Report:
    remedy = Remedy("apt-get install git", "brew install git", "winget install git")
    return Report(
        system="Debian 12",
        family=Family.DEBIAN,
        findings=(Finding("git", status, "git is missing", remedy=remedy),),
        facilities=(FacilityReport("services", "embedded", Tier.EMBEDDED, "from wheels", ""),),
    )


HOSTILE_RED = red(HOSTILE)
ALL = {
    "red": cards.verdict(HOSTILE_RED),
    "green": cards.verdict(green()),
    "error": cards.error(ChaosError(HOSTILE, evidence=HOSTILE, fix=HOSTILE)),
    "check failed": cards.error(
        CheckFailed("Not yet: x.", found=HOSTILE, expected=HOSTILE, next_step=HOSTILE)
    ),
    "unexpected": cards.unexpected(ValueError(HOSTILE)),
    "hint": cards.hint(Hint(HOSTILE, is_new=False, is_last=True)),
    "story": cards.story(an_attack(title=HOSTILE, story=HOSTILE, easier=HOSTILE)),
    "command": cards.command(an_attack(command=HOSTILE)),
    "debrief": cards.debrief(an_attack(debrief=HOSTILE)),
    "healed": cards.healed(Healed((HOSTILE,), (HOSTILE,), "abc123", 2)),
    "nothing healed": cards.healed(Healed()),
    "runs": cards.repeated_runs(runs(True, False)),
    "passed": cards.passed(HOSTILE, 20),
    "answered": cards.answered(HOSTILE, was_kept=True),
    "continue": cards.continue_or_restore([HOSTILE]),
    "doctor": cards.doctor(a_report()),
}


@pytest.mark.parametrize("card", ALL.values(), ids=ALL.keys())
def test_every_text_is_escaped_and_the_markup_is_whole(card: Card) -> None:
    seen = Visible(card.html)
    assert "script" not in seen.tags
    assert "<script" not in card.html
    assert set(seen.tags) <= {"style", "div", "span", "p", "pre", "b", "br", "code"}


@pytest.mark.parametrize("card", ALL.values(), ids=ALL.keys())
def test_the_plain_text_holds_every_fact_of_the_html(card: Card) -> None:
    assert words(Visible(card.html).text) == words(card.text)


@pytest.mark.parametrize("card", ALL.values(), ids=ALL.keys())
def test_colour_never_stands_alone_a_symbol_and_a_word_say_the_same(card: Card) -> None:
    seen = Visible(card.html).text
    assert card.symbol.strip()
    assert card.word.strip()
    assert card.symbol in seen
    assert card.word in seen
    assert f'aria-label="{card.word}' in card.html


@pytest.mark.parametrize("card", ALL.values(), ids=ALL.keys())
def test_nothing_is_loaded_from_outside(card: Card) -> None:
    assert not re.search(r"https?:|url\(|@import|src=|href=", card.html)


def test_a_red_verdict_shows_reason_evidence_next_step_command_tier_and_seconds() -> None:
    text = cards.verdict(red()).text
    assert text.splitlines()[0] == "✗ RED  integration-tests: SERVICE_UNREACHABLE  [◐ EMBEDDED, 3.2 s]"
    assert "E  connection refused" in text
    assert "Next step: Start it in a fixture." in text
    assert "What a practitioner types: pytest tests/integration" in text


def test_a_green_verdict_says_so_and_is_short() -> None:
    assert cards.verdict(green()).text == "✓ GREEN  integration-tests  [● LIVE, 2.0 s]\nAll 12 tests passed."


def test_an_error_shows_its_three_parts() -> None:
    text = cards.error(an_error()).text
    assert text == "! PROBLEM  It did not work.\nEvidence:\n    exit code 3\nFix: Turn it off and on again."


def test_a_failed_check_says_what_was_found_expected_and_what_to_do_without_saying_not_yet_twice() -> None:
    card = cards.error(
        CheckFailed("Not yet: no tests.", found="0 tests", expected="1 test", next_step="Write one.")
    )
    assert card.text.splitlines() == [
        "✗ NOT YET  No tests.",
        "Found:",
        "    0 tests",
        "Expected: 1 test",
        "Next step: Write one.",
    ]
    assert card.tone is Tone.NOTE


def test_an_unforeseen_error_names_the_exception_and_the_way_out() -> None:
    text = cards.unexpected(KeyError("port")).text
    assert "KeyError: 'port'" in text
    assert "opchaos heal --all" in text


def test_a_heal_tells_where_edits_were_kept_and_what_the_journal_lost() -> None:
    text = cards.healed(Healed(("a",), ("tests/conftest.py",), "abc123", 1)).text
    assert "tests/conftest.py" in text
    assert "git show abc123" in text
    assert "One of its lines could not be read" in text
    assert cards.healed(Healed()).text == "✓ HEALTHY  Nothing was broken."


def test_a_hint_says_whether_it_is_the_last_and_marks_code() -> None:
    card = cards.hint(Hint("See `conftest.py`.", is_new=True, is_last=True))
    assert card.text == "? HINT  [last hint]\nSee `conftest.py`."
    assert "<code>conftest.py</code>" in card.html


@pytest.mark.parametrize(
    ("passed", "word"), [((True, True), "GREEN"), ((True, False), "FLAKY"), ((False, False), "RED")]
)
def test_repeated_runs_are_named_by_how_often_they_pass(passed: tuple[bool, ...], word: str) -> None:
    assert cards.repeated_runs(runs(*passed)).word == word


def test_the_doctor_shows_the_remedy_for_this_system_only() -> None:
    text = cards.doctor(a_report()).text
    assert "✗ NOT READY" in text
    assert "git: apt-get install git" in text
    assert "brew" not in text
    assert "apt-get" not in cards.doctor(a_report(Status.OK)).text


def test_an_empty_part_leaves_no_empty_label() -> None:
    assert "Evidence" not in cards.verdict(green()).html
    assert "Next step" not in cards.verdict(green()).html
