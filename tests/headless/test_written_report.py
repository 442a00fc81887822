from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

from chaos_lib.headless import Outcome
from chaos_lib.headless.facts import facts_of
from chaos_lib.headless.junit import junit_xml
from chaos_lib.headless.report import GradedCell, NotebookResult
from chaos_lib.headless.scoreboard import scoreboard
from chaos_lib.headless.writing import report_page
from chaos_lib.mission_log import Event

from .small_workshop import Workshop, code
from .test_display import FAILURE, REPORT

PHASE = "phase-0-setup"


def suites(xml: str) -> dict[str, ElementTree.Element]:
    return {suite.get("name", ""): suite for suite in ElementTree.fromstring(xml)}


def cell(grade_id: str, outcome: Outcome) -> GradedCell:
    return GradedCell(grade_id, "", outcome, 2.0, 0.0, 0.25)


def test_junit_counts_graded_cells_and_a_failure_outside_of_them() -> None:
    result = NotebookResult(
        "p", Outcome.FAIL, graded=(cell("a", Outcome.PASS), cell("b", Outcome.NOT_PLAYED)), failure=FAILURE
    )
    xml = junit_xml(replace(REPORT, notebooks=(result,)))
    root = ElementTree.fromstring(xml)
    assert [root.get(k) for k in ("tests", "failures", "errors", "skipped")] == ["3", "1", "0", "1"]
    names = [case.get("name") for case in suites(xml)["p"]]
    assert names == ["a", "b", "cell 4"]
    assert len(root.findall(".//failure")) == 1
    assert len(root.findall(".//skipped")) == 1


def test_junit_puts_the_failure_on_the_graded_cell_that_failed() -> None:
    result = NotebookResult("p", Outcome.FAIL, graded=(cell("a", Outcome.FAIL),), failure=FAILURE)
    suite = suites(junit_xml(replace(REPORT, notebooks=(result,))))["p"]
    failure = suite.find("testcase[@name='a']/failure")
    assert suite.get("tests") == "1"
    assert failure is not None
    assert failure.get("message") == "Redis is [not] there."
    assert "redis.ping()" in (failure.text or "")
    assert "Fix: Start it." in (failure.text or "")


def test_junit_has_one_case_for_a_notebook_without_graded_cells() -> None:
    found = suites(junit_xml(REPORT))
    assert [len(suite) for suite in found.values()] == [1, 1, 1]
    assert found["phase-1-tests"].find("testcase/failure") is not None
    assert found["phase-2-docker"].find("testcase/skipped") is not None


def test_junit_is_valid_xml_whatever_a_cell_prints() -> None:
    nasty = "\x00\x08\x1b[31m <&]]> \ud800 \ufffe ok \U0001f600"
    failure = replace(FAILURE, output=nasty, what=nasty, source=nasty, evidence=nasty)
    result = NotebookResult(nasty, Outcome.FAIL, failure=failure)
    root = ElementTree.fromstring(junit_xml(replace(REPORT, notebooks=(result,))).encode("utf-8"))
    assert "ok \U0001f600" in (root.findtext(".//failure") or "")


def test_the_scoreboard_file_has_the_numbers_of_the_report() -> None:
    board = scoreboard(REPORT)
    assert (board.exit_code, board.first_cell_after_s, board.notes) == (1, 3.25, ["something to know"])
    assert board.rows[0].tiers == {"containers": "LIVE", "services": "EMBEDDED"}
    assert (board.rows[0].attacks_fired, board.rows[0].attacks_caught) == (3, 2)
    assert board.rows[1].failure == FAILURE


def test_an_attack_is_caught_at_most_once_a_launch() -> None:
    kinds = ["attack_caught", "attack_launched", "attack_caught", "attack_caught", "attack_launched"]
    events = [Event(float(at), PHASE, kind, "x") for at, kind in enumerate(kinds)]
    events.append(Event(9.0, "phase-1-tests", "attack_launched", "x"))
    facts = facts_of(events, PHASE)
    assert (facts.attacks_fired, facts.attacks_caught) == (2, 1)


def test_in_the_offensive_a_red_gate_catches_and_a_right_report_sees_through_a_decoy() -> None:
    events = [
        Event(1.0, PHASE, "attack_launched", "x"),
        Event(2.0, PHASE, "gates_run", "x", {"red": ""}),
        Event(3.0, PHASE, "healthy_reported", "x", {"is_right": False}),
    ]
    assert facts_of(events, PHASE).attacks_caught == 0
    red = Event(4.0, PHASE, "gates_run", "x", {"red": "unit-tests"})
    right = Event(4.0, PHASE, "healthy_reported", "x", {"is_right": True})
    assert facts_of([*events, red], PHASE).attacks_caught == 1
    assert facts_of([*events, right], PHASE).attacks_caught == 1


def test_the_last_tier_of_a_facility_counts() -> None:
    events = [
        Event(1.0, PHASE, "tier", "services", {"tier": "EMBEDDED"}),
        Event(2.0, PHASE, "tier", "services", {"tier": "LIVE"}),
    ]
    assert dict(facts_of(events, PHASE).tiers) == {"services": "LIVE"}


def test_the_report_page_stands_alone_and_escapes_what_it_shows() -> None:
    failure = replace(FAILURE, what="<script>alert(1)</script>")
    result = replace(REPORT.notebooks[1], failure=failure)
    page = report_page(replace(REPORT, notebooks=(REPORT.notebooks[0], result)))
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert not re.findall(r"(?:src|href)=\"(?:https?:)?//", page)
    assert "prefers-color-scheme: dark" in page
    assert "first cell after 3.2 s" in page


def test_a_notebook_page_shows_widgets_pictures_and_no_scripts(workshop: Workshop) -> None:
    widgets = (
        "import ipywidgets as w\nfrom IPython.display import HTML, Javascript, display\n"
        "button = w.Button(description='Launch <attack>')\nout = w.Output()\n"
        "def go(_):\n    with out: print('launched')\nbutton.on_click(go)\n"
        "display(w.VBox([w.HTML('<b>story</b>'), button, w.IntProgress(value=3, max=10), w.Text('typed'), w.Video(), out]))\n"
        "display(Javascript('alert(1)'))"
    )
    picture = "import matplotlib.pyplot as plt\nplt.plot([1, 2]);plt.show()"
    workshop.add(PHASE, [code(widgets), code("button.click()"), code(picture)])
    report = workshop.play()
    assert report.is_success, report.failure
    page = (workshop.out / "html" / f"{PHASE}.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert 'class="widget-button">Launch &lt;attack&gt;</span>' in page
    for piece in ("<b>story</b>", "<pre>launched\n</pre>", "30%", "typed", "data:image/png;base64,"):
        assert piece in page
    assert not re.findall(r"(?:src|href)=\"(?:https?:)?//", page)
    assert "Content-Security-Policy" in page


def test_links_of_the_report_lead_to_files(workshop: Workshop) -> None:
    workshop.add(PHASE, [code("1")])
    workshop.play()
    page = (workshop.out / "report.html").read_text(encoding="utf-8")
    targets = [Path(workshop.out, target) for target in re.findall(r'href="([^"#]+)"', page)]
    assert len(targets) == 3
    assert all(target.is_file() for target in targets)
