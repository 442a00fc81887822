"""The joined module in a real browser, without JupyterLab around it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from chaos_lib.ui.confetti import Confetti

pytestmark = pytest.mark.browser

_RUN = """
async ([source, fired]) => {
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const widget = (await import(url)).default;
  const state = { payoff: "<b>Done!</b>", has_fired: fired };
  const model = { get: (key) => state[key], set: (key, value) => { state[key] = value; }, save_changes() {} };
  window.clear = widget.render({ model, el: document.body });
  return {
    text: document.querySelector(".oc-banner").textContent,
    bold: document.querySelectorAll("b").length,
    canvases: document.querySelectorAll("canvas").length,
    fired: state.has_fired,
  };
}
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
        )
        yield opened
        opened.close()


def play(page: Page, *, fired: bool = False) -> dict[str, object]:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_content("<!doctype html><body></body>")
    shown = page.evaluate(_RUN, [str(Confetti._esm), fired])
    assert [url for url in asked if not url.startswith("blob:")] == [], json.dumps(asked)
    assert isinstance(shown, dict)
    return shown


def test_confetti_flies_once_and_the_canvas_goes_away(browser: Browser) -> None:
    page = browser.new_page()
    shown = play(page)
    assert shown == {"text": "🎉 <b>Done!</b>", "bold": 0, "canvases": 1, "fired": True}
    page.wait_for_function("document.querySelectorAll('canvas').length === 0")
    page.close()


def test_closing_the_output_takes_the_canvas_away_at_once(browser: Browser) -> None:
    page = browser.new_page()
    play(page)
    page.evaluate("window.clear()")
    assert page.locator("canvas").count() == 0
    page.close()


def test_a_page_that_is_loaded_again_shows_the_banner_only(browser: Browser) -> None:
    page = browser.new_page()
    assert play(page, fired=True)["canvases"] == 0
    page.close()


def test_people_who_want_no_motion_see_the_banner_only(browser: Browser) -> None:
    page = browser.new_page(reduced_motion="reduce")
    shown = play(page)
    assert shown["canvases"] == 0
    assert shown["text"] == "🎉 <b>Done!</b>"
    page.close()
