"""The quiz in a real JupyterLab, with the keyboard alone."""

from __future__ import annotations

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Locator, Page, expect

from .notebook_page import CELL_S, NotebookPage
from .room import Room

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

START = 'import chaos_lib as chaos\n\nchaos.start("phase-0-setup")'
QUIZ = 'chaos.take_quiz("phase-0-setup")'
CHECK = 'chaos.check("quiz.phase-0-setup")'
KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
WAIT_MS = CELL_S * 1000


def test_a_quiz_is_taken_with_the_keyboard_alone(page: Page, embedded_room: Room) -> None:
    path = embedded_room.settings.home / "notebooks" / "quiz" / "quiz.ipynb"
    path.parent.mkdir(parents=True)
    cells = [new_code_cell(source) for source in (START, QUIZ, CHECK)]
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": KERNEL}), path)
    notebook = NotebookPage(page)
    notebook.open(embedded_room.address("quiz"))
    notebook.run_through(QUIZ)
    quiz = notebook.output(QUIZ).locator(".oc-quiz")
    keyboard = page.keyboard

    # One choice of several: a group of native radio buttons.
    answer = quiz.get_by_role("button", name="Answer").locator("visible=true")
    expect(quiz.get_by_role("heading", name="Question 1 of 8")).to_be_visible(timeout=WAIT_MS)
    notebook.tab_back_to(answer)
    keyboard.press("Shift+Tab")
    keyboard.press("Space")
    repair = quiz.get_by_role("radio", name="Find out why, and get it green first.")
    for _ in range(4):
        if repair.is_checked():
            break
        keyboard.press("ArrowDown")
    expect(repair).to_be_checked()
    keyboard.press("Tab")
    expect(answer).to_be_focused()
    keyboard.press("Space")
    expect(quiz.locator(".oc-mark", has_text="✓ RIGHT")).to_be_visible(timeout=WAIT_MS)
    expect(quiz.get_by_role("listitem", name="Question 1: right")).to_be_visible()
    expect(quiz.get_by_role("status")).to_contain_text("Only from a green start does red mean something.")

    # Things to put in order: the arrow keys choose, and what stood there changes places.
    forward = quiz.get_by_role("button", name="Next")
    tab_to(page, forward)
    keyboard.press("Space")
    expect(quiz.get_by_role("heading", name="Question 2 of 8")).to_be_visible(timeout=WAIT_MS)
    expect(forward).to_be_focused()
    first = quiz.get_by_role("combobox").first
    wanted = "See the system green"
    moved = first.evaluate("list => list.selectedOptions[0].text")
    tab_to(page, first, key="Shift+Tab")
    for _ in range(6):
        if first.evaluate("list => list.selectedOptions[0].text") == wanted:
            break
        keyboard.press("ArrowDown")
    assert first.evaluate("list => list.selectedOptions[0].text") == wanted
    shown = quiz.get_by_role("combobox").evaluate_all("lists => lists.map(l => l.selectedOptions[0].text)")
    assert sorted(shown) == sorted(set(shown))
    assert moved in shown

    # On to the short answer: Enter in its field answers.
    tab_to(page, forward)
    for number in (3, 4, 5):
        keyboard.press("Space")
        expect(quiz.get_by_role("heading", name=f"Question {number} of 8")).to_be_visible(timeout=WAIT_MS)
        expect(forward).to_be_focused()
    field = quiz.get_by_role("textbox", name="Your answer")
    tab_to(page, field, key="Shift+Tab")
    keyboard.type("git diff")
    keyboard.press("Enter")
    expect(quiz.get_by_role("listitem", name="Question 5: right")).to_be_visible(timeout=WAIT_MS)
    expect(quiz.get_by_text('q5="git diff",')).to_have_count(1)

    # Two right answers of eight do not pass.
    tab_to(page, forward)
    notebook.step_to(CHECK)
    keyboard.press("Shift+Enter")
    expect(notebook.output(CHECK)).to_contain_text("2 of 8 right; 6 not answered", timeout=WAIT_MS)


def tab_to(page: Page, wanted: Locator, *, key: str = "Tab") -> None:
    """Press Tab, or Shift+Tab, until something has the focus."""
    for _ in range(20):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press(key)
    raise AssertionError("it cannot be reached with the keyboard")
