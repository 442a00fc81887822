"""A browser, and a JupyterLab a tier: made once, because both take seconds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from chaos_lib.errors import ChaosError
from chaos_lib.lab import Lab
from chaos_lib.settings import Tier

from .room import Room, chromium, furnish, open_room

PHASES = ("phase-0-setup", "phase-1-tests")
# A small laptop: what fits here fits everywhere.
WINDOW = {"width": 1024, "height": 700}


# Not for the session: while playwright runs, its event loop does, and no headless run can start one in this process.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = chromium()
    if not program:
        _missing("No Chromium was found. Fix: `bash tools/install-browser.sh` says how to get one.")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=program,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
        )
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(viewport=WINDOW, reduced_motion="no-preference")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def embedded_room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """A room whose lab has no containers."""
    folder = tmp_path_factory.mktemp("embedded") / "room"
    with open_room(furnish(folder, tier=Tier.EMBEDDED)) as room:
        yield room


@pytest.fixture
def live_room(tmp_path: Path) -> Iterator[Room]:
    """A dark room whose lab is the real one."""
    settings = furnish(tmp_path / "room", tier=None)
    try:
        state = Lab(settings).up()
    except ChaosError as error:
        _missing(f"The real lab did not start: {error.text}")
    tiers = {facility.facility: facility.tier for facility in state.facilities}
    if tiers.get("services") is not Tier.LIVE:
        Lab(settings).down()
        _missing(f"The lab's services are not LIVE: {tiers}")
    with open_room(settings, theme="JupyterLab Dark") as room:
        yield room


def _missing(why: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(why)
    pytest.skip(why)
