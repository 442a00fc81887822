"""Teaches IPython to show our values as cards: a cell that ends in a verdict shows a card, not a repr."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Callable
from typing import Any

from chaos_lib.attacks.base import Attack
from chaos_lib.cluster.blue_green import SwitchReport
from chaos_lib.cluster.deploy import Deployed
from chaos_lib.cluster.diagnosis import Diagnosis
from chaos_lib.cluster.rollout import Rollout
from chaos_lib.defences.base import Verdict
from chaos_lib.defences.build_times import BuildTimes
from chaos_lib.defences.flake_detector import RepeatedRuns
from chaos_lib.errors import ChaosError
from chaos_lib.experiment import Healed
from chaos_lib.hints import Hint
from chaos_lib.lab.builds.report import BuildReport
from chaos_lib.service import Answer
from chaos_lib.ui import cards, cluster_cards, image_cards
from chaos_lib.ui.card import Card

_CARDS: tuple[tuple[type, Callable[[Any], Card]], ...] = (
    (Answer, cards.service_answer),
    (Attack, cards.story),
    (BuildReport, image_cards.build_report),
    (BuildTimes, image_cards.build_times),
    (ChaosError, cards.error),
    (Deployed, cluster_cards.deployed),
    (Diagnosis, cluster_cards.diagnosis),
    (Healed, cards.healed),
    (Hint, cards.hint),
    (RepeatedRuns, cards.repeated_runs),
    (Rollout, cluster_cards.rollout),
    (SwitchReport, cluster_cards.switched),
    (Verdict, cards.verdict),
)
_DPI = 160


def register(ip: Any) -> None:
    """Register HTML and plain text for our types.

    Figures are shown with their label as the text alternative; a figure without a label is left to IPython.

    Args:
        ip: The running IPython shell (`get_ipython()`); registering twice changes nothing.
    """
    as_html = ip.display_formatter.formatters["text/html"]
    as_text = ip.display_formatter.formatters["text/plain"]
    for kind, card_of in _CARDS:
        as_html.for_type(kind, _html_of(card_of))
        as_text.for_type(kind, _text_of(card_of))
    # By name: matplotlib is loaded only by those who plot.
    as_html.for_type_by_name("matplotlib.figure", "Figure", figure_html)
    as_text.for_type_by_name("matplotlib.figure", "Figure", _figure_text)


def figure_html(figure: Any) -> str | None:
    """Return a figure as an image with its label as the text alternative; None when it has no label."""
    words = figure.get_label()
    if not words:
        return None
    image = io.BytesIO()
    figure.savefig(image, format="png", dpi=_DPI, bbox_inches="tight", pad_inches=0.16)
    data = base64.b64encode(image.getvalue()).decode("ascii")
    width = round(figure.get_size_inches()[0] * 100)
    return (
        f'<img src="data:image/png;base64,{data}" alt="{html.escape(words)}" '
        f'style="width:{width}px;max-width:100%;height:auto;border-radius:8px">'
    )


def _figure_text(figure: Any, printer: Any, cycle: bool) -> None:
    printer.text(repr(figure) if cycle else figure.get_label() or repr(figure))


def _html_of(card_of: Callable[[Any], Card]) -> Callable[[Any], str]:
    return lambda value: card_of(value).html


def _text_of(card_of: Callable[[Any], Card]) -> Callable[[Any, Any, bool], None]:
    return lambda value, printer, _cycle: printer.text(card_of(value).text)
