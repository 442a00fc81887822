"""The beginning of phase 1 in a real JupyterLab, from the release to the confetti: by mouse and by keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from .notebook_page import CELL_S, NotebookPage
from .room import Room

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

PHASE = "phase-1-tests"
WAIT_MS = CELL_S * 1000
PANEL = 'chaos.panel("env_var_missing")'
CHECK = 'chaos.check("phase-1.environment")'
ANSWER = "%%answer ci.env"
FIXED = """%%answer ci.env
MISSION_DATABASE_URL=${LAB_POSTGRES_URL}
MISSION_REDIS_URL=${LAB_REDIS_URL}
"""


@pytest.fixture
def notebook(page: Page) -> NotebookPage:
    return NotebookPage(page)


def expect_payoff(notebook: NotebookPage) -> None:
    notebook.expect_run("chaos.finish()")
    banner = notebook.output("chaos.finish()").locator(".oc-banner")
    expect(banner).to_have_text("🎉 My tests are bulletproof!", timeout=WAIT_MS)
    notebook.expect_confetti()


def test_with_the_keyboard_alone(notebook: NotebookPage, embedded_room: Room) -> None:
    keyboard = notebook.page.keyboard
    notebook.open(embedded_room.address(PHASE))

    notebook.run_through(PANEL)
    card = notebook.output(PANEL).locator(".oc-attack")
    expect(card).to_contain_text("◐ EMBEDDED")
    launch = card.get_by_role("button", name="Launch attack")
    notebook.tab_back_to(launch)
    keyboard.press("Space")
    expect(card).to_contain_text("✗ broken", timeout=WAIT_MS)
    look = card.get_by_role("button", name="See the symptom")
    expect(look).to_be_focused()

    keyboard.press("Space")
    expect(card).to_contain_text("SETTING_MISSING", timeout=WAIT_MS)
    expect(card).to_contain_text("MISSION_DATABASE_URL is not set")
    expect(card.get_by_role("button", name="Check my fix")).to_be_focused()

    keyboard.press("Tab")
    keyboard.press("Space")
    expect(card).to_contain_text("Where would a CI system set it?", timeout=WAIT_MS)

    notebook.step_to(ANSWER)
    notebook.type_answer(FIXED)
    notebook.run_through(CHECK)
    expect(notebook.output(ANSWER)).to_contain_text("✓ WRITTEN")
    expect(notebook.output(CHECK)).to_contain_text("✓ CHECK PASSED")
    expect(card).to_contain_text("✓ caught")
    expect(notebook.output('chaos.start("').locator(".oc-hud")).to_contain_text("5/60 points")

    notebook.step_to("chaos.finish()")
    keyboard.press("Shift+Enter")
    expect_payoff(notebook)


def test_with_the_mouse_on_the_real_lab(notebook: NotebookPage, live_room: Room) -> None:
    notebook.open(live_room.address(PHASE))

    notebook.click_run("import chaos_lib as chaos")
    notebook.click_run('chaos.defend("settings-gate")')
    expect(notebook.output('chaos.defend("settings-gate")')).to_contain_text("✓ GREEN")
    notebook.click_run(PANEL)
    card = notebook.output(PANEL).locator(".oc-attack")
    expect(card).to_contain_text("● LIVE")
    card.get_by_role("button", name="Launch attack").click()
    expect(card).to_contain_text("✗ broken", timeout=WAIT_MS)

    # Nothing was answered: the check says so on a card, without a traceback.
    notebook.click_run(ANSWER)
    expect(notebook.output(ANSWER)).to_contain_text("… YOUR TURN")
    notebook.click_run(CHECK)
    refused = notebook.output(CHECK)
    expect(refused).to_contain_text("✗ NOT YET")
    expect(refused).to_contain_text("MISSION_DATABASE_URL is not set")
    expect(refused).not_to_contain_text("Traceback")

    card.get_by_role("button", name="See the symptom").click()
    expect(card).to_contain_text("SETTING_MISSING", timeout=WAIT_MS)
    card.get_by_role("button", name="Hint").click()
    expect(card).to_contain_text("Where would a CI system set it?", timeout=WAIT_MS)
    notebook.click_run('chaos.show("ci.env")')
    expect(notebook.output('chaos.show("ci.env")')).to_contain_text("MISSION_DATABSE_URL")

    notebook.cell(ANSWER).locator(".cm-content").click()
    notebook.page.keyboard.press("ControlOrMeta+a")
    notebook.page.keyboard.type(FIXED)
    notebook.click_run(ANSWER)
    expect(notebook.output(ANSWER)).to_contain_text("✓ WRITTEN")
    notebook.click_run(CHECK)
    expect(notebook.output(CHECK)).to_contain_text("✓ CHECK PASSED")
    expect(card).to_contain_text("✓ caught")

    notebook.click_run("chaos.finish()")
    expect_payoff(notebook)


def test_run_all_stops_at_the_first_cell_that_waits_for_an_answer(
    notebook: NotebookPage, embedded_room: Room
) -> None:
    notebook.open(embedded_room.address("phase-0-setup"))
    notebook.page.get_by_role("menuitem", name="Run", exact=True).click()
    notebook.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()

    answer = notebook.output("%%answer crew.txt")
    expect(answer).to_contain_text("crew.txt is not answered yet.", timeout=WAIT_MS)
    expect(answer).to_contain_text("Replace the line # YOUR ANSWER HERE")
    expect(answer).to_contain_text("The cells below have not run.")
    below = notebook.cell('chaos.check("phase-0.crew")').locator(".jp-InputArea-prompt")
    expect(below).to_have_text("[ ]:")
