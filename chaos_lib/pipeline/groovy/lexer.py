"""From text to tokens, as the lexer of Groovy 2.4 does it, its error messages included.

A newline is a token of its own unless it stands within `()` or `[]`. A string with `${}` in it becomes a start, the
tokens of the expressions, middles and an end, so that the parser reads the expressions like all others.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from chaos_lib.pipeline.groovy import strings
from chaos_lib.pipeline.groovy.numbers import NUMBER, number_value
from chaos_lib.pipeline.groovy.strings import Piece, Quote
from chaos_lib.pipeline.groovy.tokens import KEYWORDS, GroovySyntaxError, Kind, Token

_IDENT = (
    r"[A-Za-z_$\u00C0-\u00D6\u00D8-\u00F6\u00F8-\uFFFE][A-Za-z0-9_$\u00C0-\u00D6\u00D8-\u00F6\u00F8-\uFFFE]*"
)
_OPERATORS = (
    r">>>=|\*\*=|>>>|<=>|===|!==|==~|\.\.\.|\.\.<|>>=|<<=|\*\*|\.\.|\?\.|\?:|\*\.|\.&|==|!=|=~|\+=|\+\+|->|-=|--|\*=|"
    r"%=|>>|>=|<<|<=|\^=|\|=|\|\||&=|&&|[?()\[\]{}:,.=!~+\-*%><^|&;@]"
)
_TOKEN = re.compile(
    rf"""
    (?P<space>(?:[ \t\f]|\\(?:\r\n|\r|\n))+)
  | (?P<newline>(?:\r\n|\r|\n)(?:[ \t\f\r\n]|\\(?:\r\n|\r|\n)|//[^\r\n]*|/\*(?:[^*]|\*(?!/))*\*/)*)
  | (?P<comment>//[^\r\n]*|/\*(?:[^*]|\*(?!/))*\*/)
  | (?P<ident>{_IDENT})
  | (?P<number>{NUMBER})
  | (?P<operator>{_OPERATORS})
    """,
    re.VERBOSE,
)
_PLAIN_IDENT = re.compile(_IDENT.replace("$", ""))
_SLASH_MAY_DIVIDE: frozenset[str] = frozenset(
    {Kind.IDENT, Kind.NUMBER, Kind.STRING, Kind.STRING_END, "++", "--", ")", "]", "}"}
) | KEYWORDS - {"abstract", "const", "do", "final", "goto", "strictfp"}
_LOOKED_AT = frozenset({Kind.IDENT, "(", "[", "{", "}"})


class Lines:
    """Tells the line and the column of an offset."""

    def __init__(self, source: str) -> None:
        self._starts = [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", source))]

    def at(self, offset: int) -> tuple[int, int]:
        """Return line and column, both from 1."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


def tokens_of(source: str, lines: Lines) -> list[Token]:
    """Return all tokens, the last of them `EOF` or `BROKEN`."""
    lexer = _Lexer(source, lines)
    try:
        lexer.run()
    except GroovySyntaxError as exc:
        lexer.broken(exc)
    return lexer.tokens


class _Lexer:
    """The state of one run: where, how deep in brackets, and in which string."""

    def __init__(self, source: str, lines: Lines) -> None:
        self.source = source
        self.lines = lines
        self.tokens: list[Token] = []
        self._position = 0
        self._brackets = 0
        # The string whose `$` was just read and whose value comes next; None otherwise.
        self._value_of: Quote | None = None
        self._stack: list[tuple[int, Quote | None]] = []

    def run(self) -> None:
        source, length = self.source, len(self.source)
        if source.startswith("#!"):
            end = re.compile(r"[^\r\n]*").match(source)
            self._position = end.end() if end else 0
        while self._position < length:
            self._step()
        self._add(Kind.EOF, "", None, length, length)

    def broken(self, exc: GroovySyntaxError) -> None:
        at = self._position
        self._add(Kind.BROKEN, "", exc, at, at)

    def _add(self, kind: str, text: str, value: object, start: int, end: int) -> None:
        line, column = self.lines.at(start)
        self.tokens.append(Token(kind, text, value, start, end, line, column))

    def _step(self) -> None:
        source, start = self.source, self._position
        char = source[start]
        if char in "'\"":
            self._string(strings.opening(source, start), start)
            return
        if char == "/" and not source.startswith(("//", "/*"), start):
            self._slash(start)
            return
        if char == "$" and source.startswith("$/", start) and not self._slash_divides():
            self._string(Quote.DOLLAR_SLASH, start)
            return
        match = _TOKEN.match(source, start)
        if match is None:
            raise self._unexpected_char(start)
        kind, end = match.lastgroup, match.end()
        self._position = end
        if kind == "ident":
            self._identifier(start, end)
        elif kind == "operator":
            self._operator(match.group(), start, end)
        elif kind == "newline":
            if not self._brackets:
                self._add(Kind.NEWLINE, "<newline>", None, start, end)
        elif kind == "number":
            self._number(match.group(), start, end)

    def _number(self, text: str, start: int, end: int) -> None:
        behind = end
        while self.source.startswith("_", behind):
            behind += 1
        if behind > end:
            line, column = self.lines.at(behind)
            found = strings.shown_char(self.source[behind]) if behind < len(self.source) else "'<EOF>'"
            message = f"expecting token in range: '0'..'9', found {found}"
            raise GroovySyntaxError(message, line, column, is_lexical=True)
        self._add(Kind.NUMBER, text, number_value(text), start, end)

    def _unexpected_char(self, start: int) -> GroovySyntaxError:
        if self.source.startswith("/*", start):
            line, column = self.lines.at(len(self.source))
            return GroovySyntaxError("expecting '*', found '<EOF>'", line, column, is_lexical=True)
        line, column = self.lines.at(start)
        return GroovySyntaxError(
            f"unexpected char: {strings.shown_char(self.source[start])}", line, column, is_lexical=True
        )

    def _slash_divides(self) -> bool:
        return bool(self.tokens) and self.tokens[-1].kind in _SLASH_MAY_DIVIDE

    def _slash(self, start: int) -> None:
        if not self._slash_divides():
            self._string(Quote.SLASH, start)
            return
        text = "/=" if self.source.startswith("/=", start) else "/"
        self._position = start + len(text)
        self._add(text, text, None, start, self._position)

    def _identifier(self, start: int, end: int) -> None:
        source = self.source
        if self._value_of is not None:
            # Right behind a `$` in a string: no further dollar belongs to the name, and a dot may follow.
            plain = _PLAIN_IDENT.match(source, start)
            end = plain.end() if plain else end
            self._position = end
            self._add_word(source[start:end], start, end)
            quote = self._value_of
            if source.startswith(".", end) and source[end + 1 : end + 2] != "$":
                after = _PLAIN_IDENT.match(source, end + 1)
                if after is not None:
                    return
            self._value_of = None
            self._continue_string(quote)
            return
        self._add_word(source[start:end], start, end)

    def _add_word(self, text: str, start: int, end: int) -> None:
        kind: str = text if text in KEYWORDS else Kind.IDENT
        if kind in ("as", "def", "in", "trait", "package", "static"):
            last = self.tokens[-1].kind if self.tokens else Kind.EOF
            is_dotted = self.source.startswith(".", end) or (kind != "static" and last == ".")
            if (
                is_dotted
                or (last == "package" and kind != "static")
                or (kind == "package" and last == "import")
            ):
                kind = Kind.IDENT
        self._add(kind, text, None, start, end)

    def _operator(self, text: str, start: int, end: int) -> None:
        self._add(text, text, None, start, end)
        if text in "([":
            self._brackets += 1
        elif text in ")]":
            self._brackets -= 1
        elif text == "{":
            self._stack.append((self._brackets, self._value_of))
            self._brackets, self._value_of = 0, None
        elif text == "}" and self._stack:
            self._brackets, quote = self._stack.pop()
            if quote is not None:
                self._continue_string(quote)

    def _string(self, quote: Quote, start: int) -> None:
        behind = start + len(quote.opens)
        if quote.is_dangling(self.source[behind : behind + 1]):
            raise self._unexpected_char(behind - 1)
        piece = self._read(quote, behind)
        if piece.is_last:
            self._add(Kind.STRING, piece.text, piece.text, start, piece.end)
        else:
            self._add(Kind.STRING_START, piece.text, piece.text, start, piece.end)
            self._value_of = quote
        self._position = piece.end

    def _continue_string(self, quote: Quote) -> None:
        start = self._position
        piece = self._read(quote, start)
        kind = Kind.STRING_END if piece.is_last else Kind.STRING_MIDDLE
        self._add(kind, piece.text, piece.text, start, piece.end)
        if not piece.is_last:
            self._value_of = quote
        self._position = piece.end

    def _read(self, quote: Quote, start: int) -> Piece:
        try:
            return strings.read(self.source, start, quote)
        except strings.BadString as exc:
            place = self._place_of_dollar(exc.offset) if exc.is_stray_dollar else self.lines.at(exc.offset)
            raise GroovySyntaxError(exc.message, *place, is_lexical=True) from None

    def _place_of_dollar(self, offset: int) -> tuple[int, int]:
        """Return where Groovy says a stray `$` is: at the token its parser is looking at.

        Often that is the one before the string. Where the parser has used up all it had, it takes what comes
        behind the `$` for the next token, although that is text.
        """
        last = self.tokens[-1] if self.tokens else None
        if last is not None and last.kind in _LOOKED_AT:
            return last.line, last.column
        behind = offset + 1
        while self.source[behind : behind + 1] in (" ", "\t"):
            behind += 1
        if self.source[behind : behind + 1] in ("'", '"'):
            try:
                quote = strings.opening(self.source, behind)
                strings.read(self.source, behind + len(quote.opens), quote)
            except strings.BadString as exc:
                return self.lines.at(exc.offset)
        return self.lines.at(behind)
