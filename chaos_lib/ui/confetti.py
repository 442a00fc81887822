"""The payoff of a phase: its line, and confetti for those who like motion.

The animation is canvas-confetti (ISC licence), shipped unmodified under `vendor/`: nothing is loaded from a network.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from chaos_lib.ui.card import Card, Tone

_HERE = Path(__file__).parent
_EXPORTS = "export default module.exports;\nexport var create = module.exports.create;\n"
_CSS = """
.oc-banner{display:inline-block;padding:12px 22px;margin:4px 0;border-radius:10px;font-size:1.5em;font-weight:700;
 line-height:1.3;color:#fff;background:linear-gradient(100deg,#5b2fb0,#8a2f8f 60%,#b3265f);
 font-family:var(--jp-content-font-family,system-ui,sans-serif)}
.oc-confetti{position:fixed;inset:0;width:100vw;height:100vh;pointer-events:none;z-index:10000}
"""


def _module() -> str:
    """Join the vendored module and our view to one module: a widget has only one."""
    vendored = (_HERE / "vendor" / "canvas_confetti.js").read_text(encoding="utf-8")
    assert _EXPORTS in vendored, "the vendored canvas-confetti ends differently than expected"
    library = vendored.replace(_EXPORTS, "return module.exports;\n")
    view = (_HERE / "confetti.js").read_text(encoding="utf-8")
    return f"const confetti = (() => {{\n{library}}})();\n\n{view}"


class Confetti(anywidget.AnyWidget):  # type: ignore[misc]
    """The widget behind `celebrate`.

    Attributes:
        payoff: The line that is shown.
        has_fired: Whether the confetti flew already.
    """

    _esm = _module()
    _css = _CSS
    payoff = traitlets.Unicode("").tag(sync=True)
    has_fired = traitlets.Bool(False).tag(sync=True)


class Celebration:
    """A payoff on the page: widget in JupyterLab, card elsewhere, one line in a terminal.

    Args:
        payoff: The line that is shown.
    """

    def __init__(self, payoff: str) -> None:
        self.card = Card(Tone.GOOD, "🎉", "PAYOFF", payoff)
        self.widget: Any = Confetti(payoff=payoff)

    def __repr__(self) -> str:
        return f"🎉 {self.card.heading}"

    def _repr_mimebundle_(self, **options: Any) -> Mapping[str, Any]:
        bundle = _data_of(self.widget._repr_mimebundle_(**options))
        return {**bundle, "text/html": self.card.html, "text/plain": repr(self)}


def _data_of(bundle: Any) -> Mapping[str, Any]:
    """Return the data of a bundle; anywidget gives it with or without metadata."""
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    return data or {}


def celebrate(payoff: str) -> Celebration:
    """Return the payoff, to be the last value of a cell or given to `display`.

    Args:
        payoff: What the participant can say now.
    """
    return Celebration(payoff)
