from __future__ import annotations

from collections.abc import Iterator

import ipywidgets
import pytest

from .fake_mission import FakeMission


@pytest.fixture
def mission() -> FakeMission:
    return FakeMission()


@pytest.fixture(autouse=True)
def nothing_on_stderr(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """A graded cell with anything on stderr scores nothing: no test of what is shown may write there."""
    yield
    assert capfd.readouterr().err == ""


@pytest.fixture(autouse=True)
def no_widgets_left_behind() -> Iterator[None]:
    yield
    ipywidgets.Widget.close_all()
