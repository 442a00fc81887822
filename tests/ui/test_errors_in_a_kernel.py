"""An error that ends a cell, in a real kernel as JupyterLab talks to it."""

from __future__ import annotations

from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

_RAISES = """
from IPython import get_ipython
from chaos_lib.notebook import session
from chaos_lib.errors import CheckFailed
class NoMission: pass
session._register(NoMission())
raise CheckFailed("Not yet: no.", found="nothing", expected="something", next_step="Write it.")
"""


def outputs_of(monkeypatch: pytest.MonkeyPatch, **environment: str) -> tuple[list[Any], str]:
    monkeypatch.delenv("OPCHAOS_HEADLESS", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(_RAISES)])
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "python3"}
    with pytest.raises(CellExecutionError) as caught:
        NotebookClient(book, timeout=60, extra_arguments=["--IPKernelApp.log_level=ERROR"]).execute()
    return book.cells[0].outputs, str(caught.value)


def test_a_person_gets_a_card_and_the_cell_has_failed_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    (card, error), _ = outputs_of(monkeypatch)
    assert card.data["text/plain"].startswith("✗ NOT YET")
    assert error.ename == "CheckFailed"
    assert "found nothing; expected something" in error.evalue
    assert error.traceback == ["CheckFailed: the card above says what to do. The cells below have not run."]


def test_where_nobody_looks_the_error_itself_says_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    (error,), raised = outputs_of(monkeypatch, OPCHAOS_HEADLESS="1")
    assert error.traceback == [
        "CheckFailed: Not yet: no.\nEvidence: found nothing; expected something\nFix: Write it."
    ]
    assert "Fix: Write it." in raised
