"""The five ways to write a string in Groovy, and what is wrong with those that are not one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum


class Quote(Enum):
    """How a string is quoted; the value is what opens it."""

    SINGLE = "'"
    TRIPLE_SINGLE = "'''"
    DOUBLE = '"'
    TRIPLE_DOUBLE = '"""'
    SLASH = "/"
    DOLLAR_SLASH = "$/"

    @property
    def opens(self) -> str:
        """What stands before the content."""
        return self.value

    @property
    def closes(self) -> str:
        """What stands behind the content."""
        return "/$" if self is Quote.DOLLAR_SLASH else self.value

    @property
    def interpolates(self) -> bool:
        """Whether `$name` and `${}` are expressions in it."""
        return self not in (Quote.SINGLE, Quote.TRIPLE_SINGLE)

    @property
    def is_one_line(self) -> bool:
        """Whether it must end on the line it began."""
        return self in (Quote.SINGLE, Quote.DOUBLE)

    def is_dangling(self, behind: str) -> bool:
        """Say whether nothing comes behind the opening quote: Groovy then blames the quote, else the missing end.

        Args:
            behind: The next character; empty at the end of the text.
        """
        if self in (Quote.SLASH, Quote.DOLLAR_SLASH):
            return False
        return not behind or (self is Quote.SINGLE and behind in "\r\n")


@dataclass(frozen=True)
class Piece:
    """A string's content up to its end or to the next expression in it.

    Attributes:
        text: The content, escapes resolved.
        end: Offset behind the closing quote, or behind the `$` of the expression.
        is_last: Whether the string ends here.
    """

    text: str
    end: int
    is_last: bool


class BadString(Exception):
    """Not a string after all.

    Attributes:
        message: In Groovy's words.
        offset: Where.
        is_stray_dollar: A `$` that begins no expression: Groovy says it is somewhere else.
    """

    def __init__(self, message: str, offset: int, *, is_stray_dollar: bool = False) -> None:
        self.message = message
        self.offset = offset
        self.is_stray_dollar = is_stray_dollar
        super().__init__(message)


_PLAIN = {
    Quote.SINGLE: re.compile(r"[^'\\\r\n]+"),
    Quote.TRIPLE_SINGLE: re.compile(r"[^'\\\r]+"),
    Quote.DOUBLE: re.compile(r'[^"\\$\r\n]+'),
    Quote.TRIPLE_DOUBLE: re.compile(r'[^"\\$\r]+'),
    Quote.SLASH: re.compile(r"[^/\\$\r]+"),
    Quote.DOLLAR_SLASH: re.compile(r"[^/\\$\r]+"),
}
_ESCAPE = re.compile(r"\\(?:([nrtbf\"'\\$])|u+([0-9A-Fa-f]{4})|([0-3][0-7]{0,2}|[4-7][0-7]?)|(\r\n|\r|\n))")
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_NEWLINE = re.compile(r"\r\n|\r|\n")
_EXPRESSION = re.compile(r"\$\*?(?:\{|[A-Za-z_\u00C0-\u00D6\u00D8-\u00F6\u00F8-\uFFFE])")
_DOLLAR = (
    "illegal string body character after dollar sign;\n   solution: either escape a literal dollar sign "
    '"\\$5" or bracket the value expression "${5}"'
)


def opening(source: str, start: int) -> Quote:
    """Return the quote that opens at an offset where `'` or `"` stands."""
    for quote in (Quote.TRIPLE_SINGLE, Quote.TRIPLE_DOUBLE):
        if source.startswith(quote.opens, start):
            return quote
    return Quote.SINGLE if source[start] == "'" else Quote.DOUBLE


def read(source: str, start: int, quote: Quote) -> Piece:
    """Read a string's content from an offset within it.

    Raises:
        BadString: It does not end, or holds something it must not.
    """
    parts: list[str] = []
    position = start
    plain = _PLAIN[quote]
    while True:
        match = plain.match(source, position)
        if match is not None:
            parts.append(match.group())
            position = match.end()
        if position >= len(source):
            raise _unended(quote, position)
        if source.startswith(quote.closes, position):
            return Piece("".join(parts), position + len(quote.closes), is_last=True)
        char = source[position]
        if char in "\r\n":
            newline = _NEWLINE.match(source, position)
            if quote.is_one_line or newline is None:
                raise _broken_line(quote, char, position)
            parts.append("\n")
            position = newline.end()
        elif char == "$" and quote.interpolates:
            if _EXPRESSION.match(source, position):
                return Piece("".join(parts), position + 1, is_last=False)
            if quote in (Quote.DOUBLE, Quote.TRIPLE_DOUBLE):
                raise BadString(_DOLLAR, position, is_stray_dollar=True)
            is_escape = quote is Quote.DOLLAR_SLASH and source[position + 1 : position + 2] in ("$", "/")
            parts.append(source[position + 1] if is_escape else char)
            position += 2 if is_escape else 1
        elif char == "\\":
            text, position = _backslash(source, position, quote)
            parts.append(text)
        else:
            parts.append(char)
            position += 1


def _backslash(source: str, position: int, quote: Quote) -> tuple[str, int]:
    """Return what a backslash and what follows stand for, and the offset behind them."""
    newline = _NEWLINE.match(source, position + 1)
    if newline is not None:
        return "", newline.end()
    if quote is Quote.SLASH and source.startswith("/", position + 1):
        return "/", position + 2
    if quote in (Quote.SLASH, Quote.DOLLAR_SLASH):
        return "\\", position + 1
    match = _ESCAPE.match(source, position)
    if match is None:
        raise BadString("unexpected char: '\\'", position)
    letter, code, octal, _ = match.groups()
    if code:
        return chr(int(code, 16)), match.end()
    if octal:
        return chr(int(octal, 8)), match.end()
    return _ESCAPED.get(letter, letter), match.end()


def _unended(quote: Quote, position: int) -> BadString:
    if quote in (Quote.SINGLE, Quote.TRIPLE_SINGLE):
        return BadString("expecting ''', found '<EOF>'", position)
    return BadString("unexpected char: 0xFFFF", position)


def _broken_line(quote: Quote, char: str, position: int) -> BadString:
    if quote is Quote.DOUBLE:
        return BadString("expecting anything but ''\\n''; got it anyway", position)
    return BadString(f"expecting ''', found {shown_char(char)}", position)


def shown_char(char: str) -> str:
    """Return a character as Groovy's lexer shows it."""
    known = {"\n": "'\\n'", "\r": "'\\r'", "\t": "'\\t'"}.get(char)
    if known is not None:
        return known
    return f"'{char}'" if " " <= char <= "~" else f"0x{ord(char):X}"
