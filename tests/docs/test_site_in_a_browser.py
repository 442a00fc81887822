"""The built site in a real browser: both themes, the search, and no word to anybody else."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

# A busy machine is slow, not wrong: playwright's own limit is five seconds.
expect.set_options(timeout=30_000)

pytestmark = pytest.mark.browser


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is given
        pass


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(site))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
        )
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    opened = browser.new_page(color_scheme="light")
    foreign: list[str] = []
    errors: list[str] = []
    opened.on(
        "request", lambda request: foreign.append(request.url) if is_foreign(request.url, address) else None
    )
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    opened.close()
    assert foreign == []
    assert errors == []


def is_foreign(url: str, address: str) -> bool:
    return not url.startswith((address, "data:", "blob:"))


def test_the_site_follows_the_system_into_the_dark_and_the_reader_out_of_it(page: Page, address: str) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(f"{address}/index.html")
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", "slate")

    page.locator("label[title=Light]").click()

    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", "default")


def test_an_error_is_found_by_its_words(page: Page, address: str) -> None:
    page.goto(f"{address}/index.html")
    field = page.locator("input.md-search__input")
    field.click()
    # The index is loaded beside the page: what is typed before is not searched.
    expect(page.locator(".md-search-result__meta")).to_have_text("Type to start searching", timeout=30_000)

    field.press_sequentially("No Docker engine answers")

    expect(page.locator(".md-search-result__item").first).to_contain_text("EngineUnavailable")


@pytest.mark.parametrize(
    "name", ["troubleshooting", "architecture", "reference/attacks", "phases/phase-1-tests"]
)
def test_no_page_is_wider_than_a_phone(page: Page, address: str, name: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{address}/{name}.html")

    # Polled: sidebars slide into their place after the page is there.
    page.wait_for_function("document.documentElement.scrollWidth <= 390")
