"""How tools write a text when they quote it: shells, Python, JSON, XML, HTML and addresses, also one within another."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable, Iterator
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

_Spelling = Callable[[str], str]
# What bash's `printf %q` and `${X@Q}` put a backslash before.
_SHELL_MARKS = re.compile(r"""[ \t!"$&'()*,;<>?\[\\\]^`{|}]|^[~#]""")
_DOUBLE_QUOTED_MARKS = re.compile(r'[\\"$`]')
_PERCENT = re.compile("%[0-9A-F]{2}")
_KEPT_BY_JAVASCRIPT = "!'()*-._~"

_SHELL: tuple[_Spelling, ...] = (
    # A quote within single quotes: dash, then bash and coreutils.
    lambda text: text.replace("'", "'\"'\"'"),
    lambda text: text.replace("'", r"'\''"),
    lambda text: _SHELL_MARKS.sub(r"\\\g<0>", text),
    lambda text: _DOUBLE_QUOTED_MARKS.sub(r"\\\g<0>", text),
)
_JSON: tuple[_Spelling, ...] = (
    lambda text: json.dumps(text)[1:-1],
    lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
)
_PYTHON: tuple[_Spelling, ...] = (
    lambda text: repr(text)[1:-1],
    lambda text: ascii(text)[1:-1],
    lambda text: repr(text.encode())[2:-1],
)
_MARKUP: tuple[_Spelling, ...] = (
    lambda text: escape(text),
    lambda text: escape(text, {'"': "&quot;"}),
    html.escape,
    lambda text: html.escape(text).replace("&#x27;", "&#39;"),
    lambda text: html.escape(text).replace("&#x27;", "&apos;"),
)
_ADDRESS: tuple[_Spelling, ...] = (
    lambda text: quote(text, safe=""),
    quote,
    quote_plus,
    lambda text: quote(text, safe=_KEPT_BY_JAVASCRIPT),
)


def quoted(text: str) -> frozenset[str]:
    """Return a text as it is, and as it stands in quotes, in quotes within quotes, and in addresses."""
    once = {text} | {spell(text) for spell in (*_SHELL, *_JSON, *_PYTHON, *_MARKUP)}
    twice = {spell(each) for each in once for spell in (*_SHELL, *_JSON, *_PYTHON[:1], *_MARKUP)}
    addresses = {spell(text) for spell in _ADDRESS}
    lower = {_PERCENT.sub(lambda found: found[0].lower(), each) for each in addresses}
    return frozenset(once | twice | addresses | lower)


def encoded(data: bytes) -> Iterator[str]:
    """Yield what is sure to be seen of some bytes in base64, base32 and hex, whatever stands before them."""
    for blank in ("", " ", ":"):
        digits = data.hex(blank) if blank else data.hex()
        yield digits
        yield digits.upper()
    yield base64.b32encode(data).decode().rstrip("=")
    for offset in range(3):
        # What stands before shifts the bits: the first and the last character hold a neighbour's and are left out.
        whole = base64.b64encode(b"\0" * offset + data)
        first = (offset * 8 + 5) // 6
        last = (offset + len(data)) * 8 // 6
        core = whole[first:last].decode()
        yield core
        yield core.replace("+", "-").replace("/", "_")
    within = base64.b64encode(data)
    yield base64.b64encode(within).decode()[: len(within) * 8 // 6]
