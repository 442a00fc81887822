"""The payoff of a phase: its line, and confetti for those who like motion.

The animation is canvas-confetti (ISC licence), shipped unmodified under `vendor/`: nothing is loaded from a network.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets

from chaos_lib.ui.card import Card, Tone
from chaos_lib.ui.page import Living, Snapshot

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


class Celebration(Living):
    """A payoff on the page: widget in JupyterLab, card elsewhere, one line in a terminal.

    Args:
        payoff: The line that is shown.
    """

    def __init__(self, payoff: str) -> None:
        super().__init__()
        self._card = Card(Tone.GOOD, "🎉", "PAYOFF", payoff)
        self.widget: Any = Confetti(payoff=payoff)

    @property
    def snapshot(self) -> Snapshot:
        """The payoff as a card."""
        return Snapshot(self._card.html, self._card.text)


def celebrate(payoff: str) -> Celebration:
    """Return the payoff, to be the last value of a cell or given to `display`.

    Args:
        payoff: What the participant can say now.
    """
    return Celebration(payoff)
