"""A notebook in a real browser, used as somebody does who sits before it: nothing goes past mouse and keyboard."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

CELL_S = 90.0
_HAS_RUN = re.compile(r"^\[\d+\]:?$")

_COUNT_CONFETTI = """
window.confettiSeen = 0;
new MutationObserver((changes) => {
  for (const change of changes) for (const node of change.addedNodes)
    if (node.nodeName === "CANVAS" && node.className === "oc-confetti") window.confettiSeen += 1;
}).observe(document, { childList: true, subtree: true });
"""


class NotebookPage:
    """JupyterLab with one notebook open.

    Args:
        page: The browser's page.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.cells = page.locator(".jp-Notebook .jp-Cell")
        self.selected = page.locator(".jp-Notebook .jp-Cell.jp-mod-active")
        # JupyterLab gives its style sheet some seconds; on a machine that is busy with other tests it can take longer.
        late = page.get_by_role("dialog").filter(has_text="Error Loading Theme")
        # The confetti is gone after seconds: what flew is counted.
        page.add_init_script(_COUNT_CONFETTI)
        page.add_locator_handler(late, lambda dialog: dialog.get_by_role("button", name="OK").click())

    def open(self, address: str) -> None:
        """Open a notebook and wait until its kernel is ready."""
        self.page.goto(address)
        expect(self.cells.first).to_be_visible(timeout=60_000)
        # While it loads, a notebook without cells shows an empty one.
        expect(self.page.locator("#jp-main-statusbar")).to_contain_text("| Idle", timeout=60_000)

    def cell(self, source: str, nth: int = 0) -> Locator:
        """Return the code cell whose source holds a text.

        Args:
            source: A part of one line.
            nth: Which of those that hold it, from 0.
        """
        editor = self.page.locator(".jp-InputArea .cm-content", has_text=source)
        return self.page.locator(".jp-Notebook .jp-CodeCell").filter(has=editor).nth(nth)

    def output(self, source: str, nth: int = 0) -> Locator:
        """Return the outputs of a cell."""
        return self.cell(source, nth).locator(".jp-OutputArea")

    def expect_run(self, source: str, nth: int = 0) -> None:
        """Wait until a cell has run."""
        prompt = self.cell(source, nth).locator(".jp-InputArea-prompt")
        expect(prompt).to_have_text(_HAS_RUN, timeout=CELL_S * 1000)

    def expect_confetti(self) -> None:
        """Wait until confetti has flown and nothing of it is left over the page."""
        self.page.wait_for_function("window.confettiSeen === 1", timeout=CELL_S * 1000)
        expect(self.page.locator("canvas.oc-confetti")).to_have_count(0, timeout=CELL_S * 1000)

    # With the keyboard

    def run_through(self, source: str) -> None:
        """Press Shift+Enter from the selected cell to the one with this source, and wait until it has run.

        A learner waits for each cell; so does this, or a later cell would hide an earlier one's failure.
        """
        target = self.cell(source)
        for _ in range(self.cells.count()):
            selected = self.selected.element_handle()
            is_target = target.evaluate("(cell, selected) => cell === selected", selected)
            is_code = selected.evaluate("cell => cell.classList.contains('jp-CodeCell')")
            position = selected.evaluate("cell => [...cell.parentNode.children].indexOf(cell)")
            self.page.keyboard.press("Shift+Enter")
            if is_code:
                prompt = self.cells.nth(position).locator(".jp-InputArea-prompt")
                expect(prompt).to_have_text(_HAS_RUN, timeout=CELL_S * 1000)
            if is_target:
                return
        raise AssertionError(f"no cell with {source!r} was reached")

    def step_to(self, source: str) -> None:
        """Select a cell further down with the arrow key."""
        target = self.cell(source)
        for _ in range(self.cells.count()):
            if "jp-mod-active" in (target.get_attribute("class") or ""):
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"no cell with {source!r} was reached")

    def tab_back_to(self, button: Locator) -> None:
        """Press Shift+Tab until a button has the focus."""
        for _ in range(40):
            if button.evaluate("button => button === document.activeElement"):
                return
            self.page.keyboard.press("Shift+Tab")
        raise AssertionError("the button cannot be reached with the keyboard")

    def type_answer(self, text: str) -> None:
        """Replace the selected cell's text, key by key, and leave the editor."""
        self.page.keyboard.press("Enter")
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)
        self.page.keyboard.press("Escape")

    # With the mouse

    def click_run(self, source: str, nth: int = 0) -> None:
        """Click into a cell, then on JupyterLab's run button, and wait until the cell has run."""
        prompt = self.cell(source, nth).locator(".jp-InputArea-prompt")
        before = prompt.inner_text()
        self.cell(source, nth).locator(".cm-content").click()
        self.page.locator(".jp-NotebookPanel-toolbar [data-jp-item-name='run'] jp-button").click()
        expect(prompt).not_to_have_text(before)
        self.expect_run(source, nth)
